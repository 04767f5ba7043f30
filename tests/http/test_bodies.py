"""A body that cannot be read, or cannot be kept, is refused with the place and a way out; never with a crash."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.errors import InvalidInput
from app.http.middleware import fault_of_address
from app.http.router import check_json, unstorable
from app.inputs import Input
from tests.api import Api

PARTNER = {"code": "NLD", "name": "Netherlands", "category": "government"}
JSON = {"Content-Type": "application/json"}


def test_every_fault_is_listed_with_its_place(light_api: Api) -> None:
    answer = light_api.client().post("/partners", json={"code": "2.002E+15", "category": "nobody", "colour": "red"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    found = {(fault["pointer"], fault["rule"]) for fault in answer.json()["errors"]}
    assert found == {
        ("/code", "value-error"),
        ("/name", "required"),
        ("/category", "enum"),
        ("/colour", "unknown-field"),
    }


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"code": "A",', "line 1, column 14"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"code": "\xed\xa0\x80"}', "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"code": NaN}', "NaN is not a number"),
        (b'{"name": {"x": [{"code": "A", "code": "B"}]}}', "The field code stands several times"),
        (b'{"code": ' + b"9" * 5000 + b"}", "holds a number that is none: it has thousands of digits."),
    ],
)
def test_what_is_no_json_is_told_where_it_stops_being_json(light_api: Api, body: bytes, says: str) -> None:
    answer = light_api.client().post("/partners", content=body, headers=JSON)
    assert answer.status_code == 422
    assert says in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("character", ["\\u0000", "\\ud800"])
def test_text_that_no_database_takes_is_a_fault_of_its_field(light_api: Api, character: str) -> None:
    body = '{"code": "A", "name": "A%s", "category": "government", "framework_themes": ["x", "%s"]}'
    answer = light_api.client().post("/partners", content=body % (character, character), headers=JSON)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/framework_themes/1", "/name"]


def test_a_character_that_xml_cannot_hold_is_a_fault(light_api: Api) -> None:
    answer = light_api.client().post("/partners", json=PARTNER | {"name": "Bell \x07"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/name")


def test_a_text_of_which_nothing_is_seen_is_a_fault(light_api: Api) -> None:
    answer = light_api.client().post("/partners", json=PARTNER | {"name": "\u200b\ufeff"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/name")
    assert "Nothing of this can be seen" in answer.json()["errors"][0]["message"]


def test_a_parameter_of_one_value_stands_once(light_api: Api) -> None:
    answer = light_api.client().get("/partners?q=a&q=b")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/query/q"]


def test_a_null_character_in_an_address_is_a_fault(light_api: Api) -> None:
    assert light_api.client().get("/partners?q=%00").status_code == 422
    assert light_api.client().get("/partners/%00").status_code == 422


def test_an_address_that_is_not_utf8_is_a_fault(light_api: Api) -> None:
    answer = light_api.client().get("/partners?q=caf%e9")
    assert [(fault["pointer"], fault["rule"]) for fault in answer.json()["errors"]] == [("/query", "encoding")]
    assert light_api.client().get("/partners?q=caf%c3%a9").status_code == 200


def test_a_path_that_is_no_utf_8_is_refused_instead_of_sought_with_letters_lost(light_api: Api) -> None:
    answer = light_api.client().get("/projects/CAF%C9/iati")
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["rule"]) for fault in answer.json()["errors"]] == [("/path", "encoding")]
    assert light_api.client().get("/projects/CAF%C3%89/iati").status_code == 404


@pytest.mark.parametrize(("raw", "refused"), [(None, True), (b"/a%EF%BF%BD", False), (b"/a%C9", True)])
def test_a_path_is_looked_at_as_it_was_asked_for_where_the_server_passes_that_on(
    raw: bytes | None, refused: bool
) -> None:
    scope = {"path": "/a\N{REPLACEMENT CHARACTER}", "raw_path": raw, "query_string": b""}
    assert (fault_of_address(scope) is not None) is refused


def test_a_body_of_another_media_type_is_not_taken(light_api: Api) -> None:
    answer = light_api.client().post("/partners", content=b"code=NLD", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:earmark:problem:http-415")


def test_a_body_that_is_too_large_is_not_read_to_its_end(light_api: Api) -> None:
    size = light_api.settings.max_body + 1
    answer = light_api.client().post("/partners", content=b" " * size, headers=JSON)
    assert answer.status_code == 413

    def pieces():  # type: ignore[no-untyped-def]
        for _ in range(size // 65_536 + 1):
            yield b" " * 65_536

    assert light_api.client().post("/partners", content=pieces(), headers=JSON).status_code == 413


def test_a_key_beyond_64_bits_is_a_fault(light_api: Api) -> None:
    answer = light_api.client().get(f"/partners/{2**63}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/path/partner_id")
    assert light_api.client().get(f"/partners/{2**63 - 1}").status_code == 404


def test_unknown_paths_and_methods_are_told_as_problems(light_api: Api) -> None:
    client = light_api.client()
    assert (client.get("/nothing").status_code, client.get("/nothing").json()["status"]) == (404, 404)
    answer = client.put("/partners", json={})
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
    assert set(answer.headers["allow"].split(", ")) & {"GET", "POST"}


def test_answers_carry_a_request_id_and_headers_of_caution(light_api: Api) -> None:
    answer = light_api.client().get("/partners", headers={"X-Request-ID": "office-17"})
    assert answer.headers["x-request-id"] == "office-17"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    strange = light_api.client().get("/partners/1", headers={"X-Request-ID": "a b"})
    assert strange.headers["x-request-id"] == strange.json()["request_id"] != "a b"


def holds_null(value: object) -> bool:
    if isinstance(value, list):
        return any(holds_null(item) for item in value)
    if isinstance(value, dict):
        return any("\0" in name or holds_null(item) for name, item in value.items())
    return "\0" in str(value)


@given(st.recursive(st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)))
def test_a_null_character_is_found_wherever_it_stands_and_nothing_else_is_refused(value: object) -> None:
    # Hypothesis writes no surrogates into text
    assert bool(unstorable(value)) == holds_null(value)


def test_json_with_another_suffix_is_json() -> None:
    check_json("application/merge-patch+json; charset=utf-8", b"{}")
    with pytest.raises(InvalidInput):
        check_json("application/json", b"{")


@pytest.mark.parametrize(
    ("route", "body", "pointer", "says"),
    [
        ("/risks", {"likelihood": True}, "/likelihood", "Write a whole number."),
        ("/risks", {"impact": False}, "/impact", "Write a whole number."),
        ("/projects", {"humanitarian": 1}, "/humanitarian", "Write true or false."),
        ("/evaluations", {"published": 0}, "/published", "Write true or false."),
    ],
)
def test_true_is_no_number_and_one_is_not_true(
    light_api: Api, route: str, body: dict[str, object], pointer: str, says: str
) -> None:
    answer = light_api.client().post(route, json=body)
    assert (pointer, says) in {(fault["pointer"], fault["message"]) for fault in answer.json()["errors"]}


def test_a_byte_order_mark_before_a_body_says_nothing(light_api: Api) -> None:
    body = b'\xef\xbb\xbf{"code": "NLD", "name": "Netherlands", "category": "government"}'
    answer = light_api.client().post("/partners", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (201, "NLD")


def test_the_day_until_which_books_are_closed_is_a_day_of_our_time(light_api: Api) -> None:
    for day, says in (("0001-01-01", "is not in the years 1900 to 2999"), ("😀", "as YYYY-MM-DD")):
        answer = light_api.client().put("/books", json={"closed_until": day})
        assert answer.status_code == 422
        assert says in answer.json()["errors"][0]["message"]


def test_what_names_a_record_by_its_code_is_taken_as_it_is_seen(light_api: Api) -> None:
    client = light_api.client()
    client.post("/country-programmes", json={"code": "KEN-24", "title": "Kenya", "country": "KE"})
    body = {"code": "P", "title": "P", "status": "pipeline", "country_programme": "KEN\u00ad-24\u200b"}
    assert client.post("/projects", json=body).json()["country_programme"] == "KEN-24"
    client.post("/partners", json=PARTNER)
    agreement = {
        "reference": "A", "partner": "NLD", "title": "A", "preset": "project", "status": "pledged", "currency": "USD",
        "amount": "1", "framework": "\ufeffF-1", "earmarked_for_refs": ["project:P\u200b"],
    }  # fmt: skip
    made = client.post("/agreements", json=agreement).json()
    assert (made["framework"], made["earmarked_for_refs"]) == ("F-1", ["project:P"])


def test_a_country_that_no_list_holds_is_no_country_of_an_evaluation_or_lesson(light_api: Api) -> None:
    client = light_api.client()
    evaluation = {
        "reference": "E", "kind": "country-programme", "independence": "self", "status": "planned", "scope": "country",
        "country": "1,234",
    }  # fmt: skip
    assert [each["pointer"] for each in client.post("/evaluations", json=evaluation).json()["errors"]] == ["/country"]
    lesson = {
        "reference": "L", "kind": "lesson", "title": "L", "text": "L", "noted_on": "2026-01-01",
        "countries": ["KE", "XYZ"], "sectors": ["textiles", "16020", "99999999"],
    }  # fmt: skip
    told = client.post("/lessons", json=lesson).json()["errors"]
    assert [each["pointer"] for each in told] == ["/countries/1", "/sectors/2"]


@pytest.mark.parametrize(
    ("route", "body", "pointer"),
    [
        ("/projects", b'{"gender_marker": 1e400}', "/gender_marker"),
        ("/projects", '{"status": "\u0662"}'.encode(), "/status"),
        ("/policies/check", b'{"document": "policy: a\\u0007"}', ""),
    ],
)
def test_no_parser_speaks_in_a_message(light_api: Api, route: str, body: bytes, pointer: str) -> None:
    answer = light_api.client().post(route, content=body, headers=JSON)
    if pointer:
        (told,) = [each["message"] for each in answer.json()["errors"] if each["pointer"] == pointer]
        assert told.startswith("Write ")
    else:
        assert answer.json()["findings"][0]["message"] == "the character U+0007 cannot stand in YAML: take it out"


def test_a_target_whose_point_may_part_thousands_is_asked_back_and_kept_once_it_stands(light_api: Api) -> None:
    client = light_api.client()
    item = {"framework": "2026-27", "level": "outcome", "code": "1", "title": "One"}
    for name in ("target", "result_total"):
        (told,) = client.post("/framework-items", json=item | {name: "500.000"}).json()["errors"]
        assert (told["pointer"], told["rule"]) == (f"/{name}", "amount.thousands")
    assert client.post("/framework-items", json=item | {"target": "500.0000"}).status_code == 201
    target = {"framework": "2026-27", "code": "1", "period": "2026", "target": "1.234"}
    assert client.post("/framework-targets", json=target).json()["errors"][0]["pointer"] == "/target"
    assert client.post("/framework-targets", json=target | {"target": "1234"}).status_code == 201


def test_nothing_has_no_sign(light_api: Api) -> None:
    body = {"code": "P", "title": "P", "status": "pipeline", "total_budget": "-0", "currency": "USD"}
    assert light_api.client().post("/projects", json=body).json()["total_budget"] == "0"


def _inputs(model: type[Input] = Input) -> Iterator[type[Input]]:
    for each in model.__subclasses__():
        yield each
        yield from _inputs(each)


def _described(schema: dict[str, Any]) -> tuple[set[str], bool]:
    """The types that a field is described with, and whether it is a list of them."""
    types, listed = {schema["type"]} if "type" in schema else set[str](), schema.get("type") == "array"
    for each in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        found, within = _described(each)
        types, listed = types | found, listed or within
    return types, listed


def test_no_field_of_any_body_takes_a_truth_for_a_number_or_a_number_for_a_truth() -> None:
    taken, tried = [], 0
    for model in set(_inputs()):
        for name, schema in model.model_json_schema(by_alias=False)["properties"].items():
            types, listed = _described(schema)
            if ("integer" in types) is ("boolean" in types):
                continue
            tried += 1
            value = "integer" in types or 1
            try:
                model.model_validate({name: [value] if listed else value})
            except ValidationError as error:
                if any(each["loc"][:1] == (name,) for each in error.errors()):
                    continue
            taken.append(f"{model.__name__}.{name}")
    assert taken == []
    assert tried > 30
