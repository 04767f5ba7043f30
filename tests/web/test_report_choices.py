"""Where few words may stand for an option of a report, its page offers them."""

import re

import pytest

from app.domain.terms import Role
from app.language import i18n
from app.reports.registry import REPORTS
from app.web.views.reports import CHOICES, choices
from tests.api import Api
from tests.web import example
from tests.web.people import signed_in

OFFERED = [(report.name, option) for report in REPORTS for option in report.options]


@pytest.mark.parametrize(("report", "option"), OFFERED)
def test_what_a_report_takes_for_an_option_is_what_its_page_offers(light_api: Api, report: str, option: str) -> None:
    example.fill(light_api)
    asked = {"period": "2026", option: "zz"} | ({"partner": "NLD"} if report == "partner-briefing" else {})
    refused = light_api.client().get(f"/reports/{report}", params=asked)
    told = " ".join(each["message"] for each in refused.json().get("errors", []))
    listed = re.match(rf"{option} is one of (.+), not ", told)
    taken = listed[1].split(", ") if listed else re.findall("'([^']+)'", told if "one of" in told else "")
    assert sorted(CHOICES.get(report, {}).get(option, ())) == sorted(taken)


def test_the_words_are_said_in_the_language(light_api: Api) -> None:
    example.fill(light_api)
    page = signed_in(light_api, Role.OFFICER, name="fatou", language="fr").get("/reports/earmarking?kind=all").text
    assert '<option value="all" selected>Tous les fonds</option>' in page
    labels = {label for report in CHOICES for offered in choices(report).values() for _, label in offered}
    assert [label for label in labels if not i18n.words("es").knows(label)] == []
