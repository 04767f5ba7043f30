"""What may stand at a place of the standard, by the type that the description gives it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from iati.standard import Type
from iati.values import fault, types

URL = "iati-activity/document-link/@url"

_SCHEMA = etree.XMLSchema(
    etree.fromstring(
        b'<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        b'<xsd:element name="a" type="xsd:anyURI"/></xsd:schema>'
    )
)


def schema_accepts(text: str) -> bool:
    element = etree.Element("a")
    element.text = text
    return bool(_SCHEMA.validate(element))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a.pdf",
        "https://[::1]:8080/a?b=c/d?e#f",
        "https://example.org/Rapport final é.pdf",
        "http://example.org/{id}|x",
        "ftp://user:secret@example.org/",
        "mailto:office@example.org",
        "../a/b.html",
        "",
    ],
)
def test_address_may_stand_where_one_is_asked_for(address: str) -> None:
    assert schema_accepts(address)
    assert fault(URL, address) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://[tbd]",
        "https://[e.org/r.pdf",
        "https://e.org]/r.pdf",
        "https://e.org/a[1].pdf",
        "https://e.org:port/",
        "https://e.org/100%",
        "https://e.org/#a#b",
        "https://a@b@e.org/",
        "1:2",
    ],
)
def test_address_that_is_none_is_told_what_to_be(address: str) -> None:
    assert fault(URL, address) == "a web address such as https://www.example.org/report.pdf"


@given(st.text(alphabet="aZ1:/?#[]@%4é {.-_v", max_size=12), st.sampled_from(["", "http://", "https://e.org/"]))
def test_what_is_taken_for_an_address_the_schema_takes_too(text: str, start: str) -> None:
    if fault(URL, start + text) is None:
        assert schema_accepts(start + text)


def test_every_restricted_type_of_the_standard_is_judged() -> None:
    places = types()
    wrong = {place: fault(place, "50 %, at [most") for place, kind in places.items() if kind is not Type.STRING}
    assert len(wrong) > 100
    assert [place for place, said in wrong.items() if said is None] == []
    assert set(places.values()) >= {Type.URI, Type.DATE, Type.DECIMAL, Type.BOOLEAN, Type.LANGUAGE}


@pytest.mark.parametrize(
    ("place", "right", "wrong"),
    [
        ("iati-activity/activity-date/@iso-date", "2024-02-29", "29.02.2024"),
        ("iati-activity/budget/value/text()", "1000.50", "1,000"),
        ("iati-activity/recipient-country/@percentage", "50", "50%"),
        ("iati-activity/@hierarchy", "1", "first"),
        ("iati-activity/@humanitarian", "true", "yes"),
        ("iati-activity/@xml:lang", "pt-BR", "Portuguese!"),
        ("iati-activity/result/indicator/baseline/@year", "2024", "-1"),
        ("iati-activity/transaction/transaction-date/@iso-date", "2024-02-29", "2023-02-29"),
    ],
)
def test_place_says_which_values_it_takes(place: str, right: str, wrong: str) -> None:
    assert fault(place, right) is None
    assert fault(place, wrong) is not None
