"""Records as JSON and back."""

import doctest
import json
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings

import iati.jsonform
from iati.jsonform import JsonFault, from_json, to_json
from iati.model import Activity, Code, Narrative, Narratives, Organisation, Transaction, Value
from tests.iati import strategies

RELAXED = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
SCHEMA: dict[str, Any] = json.loads(files("schemas").joinpath("iati-record.schema.json").read_bytes())


def schema_of(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{name}"}]})


def test_absent_things_are_left_out() -> None:
    assert to_json(Activity()) == {}
    assert to_json(Transaction(ref="1", value=Value(text="1000.10"))) == {"ref": "1", "value": {"text": "1000.10"}}


def test_part_of_a_record_comes_back_equal() -> None:
    transaction = Transaction(
        transaction_type=Code(code="2"),
        description=Narratives(narrative=[Narrative(text="A"), Narrative(lang="fr", text="B")]),
        foreign_attributes=(("x:a", "1"), ("x:b", "2")),
        foreign=("<x:c/>",),
    )
    assert from_json(Transaction, json.loads(json.dumps(to_json(transaction)))) == transaction


def test_order_of_keys_does_not_matter() -> None:
    data = {"foreign_attributes": {"x:b": "2", "x:a": "1"}, "code": "2"}
    assert from_json(Code, data) == Code(code="2", foreign_attributes=(("x:a", "1"), ("x:b", "2")))


def test_white_space_of_an_empty_element_is_carried() -> None:
    assert from_json(Code, to_json(Code(blank="\n "))).blank == "\n "


@pytest.mark.parametrize(
    ("data", "place", "reason"),
    [
        ([], "", "an object was expected"),
        ({"colour": "red"}, "/colour", "the member 'colour' is not known here"),
        ({"lang": 1}, "/lang", "a string was expected"),
        ({"title": "A"}, "/title", "an object was expected"),
        ({"transaction": {}}, "/transaction", "an array was expected"),
        ({"transaction": [{}, {"value": {"text": 1}}]}, "/transaction/1/value/text", "a string was expected"),
        ({"title": {"narrative": [{"text": "A"}, 3]}}, "/title/narrative/1", "an object was expected"),
        ({"foreign": ["<a/>", 1]}, "/foreign", "a string was expected"),
        ({"foreign_attributes": {"a": None}}, "/foreign_attributes", "a string was expected"),
    ],
)
def test_data_of_another_form_is_refused_with_its_place(data: object, place: str, reason: str) -> None:
    with pytest.raises(JsonFault) as error:
        from_json(Activity, data)
    assert (error.value.place, error.value.reason) == (place, reason)


@RELAXED
@given(strategies.activities())
def test_random_activity_comes_back_equal_and_fits_the_json_schema(activity: Activity) -> None:
    data = json.loads(json.dumps(to_json(activity)))
    assert from_json(Activity, data) == activity
    schema_of("Activity").validate(data)


@RELAXED
@given(strategies.organisations())
def test_random_organisation_comes_back_equal_and_fits_the_json_schema(organisation: Organisation) -> None:
    data = json.loads(json.dumps(to_json(organisation)))
    assert from_json(Organisation, data) == organisation
    schema_of("Organisation").validate(data)


NARRATIVES = {"narrative": [{"text": "A"}]}
SMALLEST: dict[str, Any] = {
    "iati_identifier": {"text": "A"},
    "reporting_org": {"ref": "X", "type": "10", **NARRATIVES},
    "title": NARRATIVES,
    "description": [NARRATIVES],
    "participating_org": [{"role": "1"}],
    "activity_status": {"code": "2"},
    "activity_date": [{"type": "1", "iso_date": "2024-01-01"}],
}


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"humanitarian": "yes"},
        {"fss": {"extraction_date": "2024-01-01", "forecast": [{"year": "2024", "text": "1,000"}]}},
        {"transaction": [{}]},
        {"title": {}},
        {"description": []},
        {"conditions": {"attached": "1", "blank": "x"}},
    ],
)
def test_json_schema_refuses_what_the_standard_does_not_allow(change: dict[str, Any]) -> None:
    assert schema_of("Activity").is_valid(SMALLEST)
    assert not schema_of("Activity").is_valid({**SMALLEST, **change})


def test_example_in_the_module_is_true() -> None:
    assert doctest.testmod(iati.jsonform).attempted == 2
    assert doctest.testmod(iati.jsonform).failed == 0
