"""Which list holds where: read off the description, equal to the official mapping but for what is named here."""

import csv

import pytest

from iati import codelists
from iati.codelists import Condition, conditions, lookup
from tests.reference import needs_reference, reference

SECTOR = "/iati-activities/iati-activity/sector"
AID_TYPE = "/iati-activities/iati-activity/transaction/aid-type"


@pytest.mark.parametrize(
    ("path", "attribute", "vocabulary", "expected"),
    [
        (SECTOR, "code", None, "Sector"),
        (SECTOR, "code", "1", "Sector"),
        (SECTOR, "code", "2", "SectorCategory"),
        (SECTOR, "code", "7", "UNSDG-Goals"),
        (SECTOR, "code", "99", None),
        (SECTOR, "vocabulary", None, "SectorVocabulary"),
        (AID_TYPE, "code", None, "AidType"),
        (AID_TYPE, "code", "2", "EarmarkingCategory"),
        (AID_TYPE, "code", "3", "EarmarkingModality"),
        (AID_TYPE, "code", "4", "CashandVoucherModalities"),
        ("/iati-activities/iati-activity/tag", "code", None, None),
        ("/iati-activities/iati-activity/tag", "code", "2", "UNSDG-Goals"),
        ("/iati-activities/iati-activity/location/administrative", "code", "A4", "Country"),
        ("/iati-activities/iati-activity/crs-add/channel-code", "text()", None, "CRSChannelCode"),
        ("/iati-organisations/iati-organisation/document-link/category", "code", None, "DocumentCategory"),
        ("/iati-activities/iati-activity/budget/value", "currency", None, "Currency"),
        (SECTOR, "percentage", None, None),
    ],
)
def test_the_vocabulary_decides_which_list_holds(
    path: str, attribute: str, vocabulary: str | None, expected: str | None
) -> None:
    assert lookup(path, attribute, vocabulary) == expected


def test_every_list_that_holds_somewhere_exists() -> None:
    for condition in conditions():
        assert len(codelists.codes(condition.codelist)), condition


@needs_reference
@pytest.mark.reference
def test_the_places_are_the_official_ones() -> None:
    path = reference("iati", "standard-2.03", "codelist-map.tsv")
    assert path is not None
    with path.open(encoding="utf-8", newline="") as lines:
        official = {
            Condition(
                path=row["path"],
                attribute=row["attribute"],
                codelist=row["codelist"],
                vocabulary=row["linked_value"] or None,
                default=row["default"] == "default",
            )
            for row in csv.DictReader(lines, delimiter="\t")
        }
    assert len(official) == 124
    ours = {condition for condition in conditions() if condition.attribute != "xml:lang"}
    organisation = "/iati-organisations/iati-organisation"
    assert official - ours == {
        # the official mapping calls the document element by another name and gives no place for languages
        Condition(path="/organisations", attribute="version", codelist="Version"),
        Condition(path="/", attribute="xml:lang", codelist="Language"),
    }
    assert ours - official == {
        Condition(path="/iati-organisations", attribute="version", codelist="Version"),
        # these amounts are left out of the official mapping
        Condition(path=f"{organisation}/total-budget/budget-line/value", attribute="currency", codelist="Currency"),
        Condition(path=f"{organisation}/total-expenditure/value", attribute="currency", codelist="Currency"),
        Condition(
            path=f"{organisation}/total-expenditure/expense-line/value", attribute="currency", codelist="Currency"
        ),
        # the list of the Grand Bargain is not among the official ones
        *(
            Condition(path=place, attribute="code", codelist="EarmarkingModality", vocabulary="3")
            for place in (AID_TYPE, "/iati-activities/iati-activity/default-aid-type")
        ),
    }


def test_languages_are_expected_wherever_text_has_one() -> None:
    places = {condition.path for condition in conditions() if condition.attribute == "xml:lang"}
    assert "/iati-activities/iati-activity" in places
    assert "/iati-activities/iati-activity/title/narrative" in places
    assert all(lookup(place, "xml:lang") == "Language" for place in places)
