"""The writer: the standard's order, escaping, files as streams."""

import io

import pytest
from lxml import etree

from iati.model import (
    Activity,
    Code,
    Narrative,
    Narratives,
    Organisation,
    OrganisationIdentifier,
    Sector,
    Text,
    Transaction,
    Value,
)
from iati.writer import ActivitiesFile, OrganisationsFile, UnwritableText, write_activity, write_organisation


def title(text: str) -> Activity:
    return Activity(title=Narratives(narrative=[Narrative(text=text)]))


def test_children_come_in_the_order_of_the_standard() -> None:
    activity = Activity(
        sector=[Sector(code="11110")],
        title=Narratives(narrative=[Narrative(lang="en", text="T")]),
        iati_identifier=Text(text="A"),
        default_currency="USD",
    )
    assert write_activity(activity) == (
        '<iati-activity default-currency="USD">\n'
        "    <iati-identifier>A</iati-identifier>\n"
        "    <title>\n"
        '      <narrative xml:lang="en">T</narrative>\n'
        "    </title>\n"
        '    <sector code="11110"/>\n'
        "  </iati-activity>"
    )


def test_without_indentation_there_is_no_white_space_between_elements() -> None:
    assert write_activity(title("T"), indent=False) == (
        "<iati-activity><title><narrative>T</narrative></title></iati-activity>"
    )


def test_empty_activity_is_an_empty_element() -> None:
    assert write_activity(Activity()) == "<iati-activity/>"


def test_markup_in_text_and_attributes_is_escaped() -> None:
    activity = Activity(
        default_currency="\"<&>'\n\t\r", title=Narratives(narrative=[Narrative(text=']]> & <b> \r\n"')])
    )
    xml = write_activity(activity, indent=False)
    assert xml == (
        '<iati-activity default-currency="&quot;&lt;&amp;&gt;\'&#10;&#9;&#13;"><title><narrative>'
        ']]&gt; &amp; &lt;b&gt; &#13;\n"</narrative></title></iati-activity>'
    )
    element = etree.fromstring(xml)
    assert element.get("default-currency") == activity.default_currency
    assert element.findtext("title/narrative") == ']]> & <b> \r\n"'


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_character_that_xml_cannot_hold_is_refused_with_its_place(character: str) -> None:
    activity = Activity(
        transaction=[Transaction(), Transaction(value=Value(text="1"), description=title(f"a{character}b").title)]
    )
    with pytest.raises(UnwritableText) as error:
        write_activity(activity)
    assert error.value.place == "iati-activity/transaction[2]/description/narrative[1]/text"
    assert f"U+{ord(character):04X}" in str(error.value)


def test_unwritable_attribute_names_its_field() -> None:
    with pytest.raises(UnwritableText, match=r"^iati-activity/activity-status/code: the character U\+0001"):
        write_activity(Activity(activity_status=Code(code="\x01")))


@pytest.mark.parametrize("xml", ["<a>", "a & b", "</a><a>", "<!DOCTYPE a><a/>", "<a b='<'/>", "<a>&x;</a>"])
def test_foreign_content_that_is_not_well_formed_is_refused(xml: str) -> None:
    with pytest.raises(UnwritableText, match="foreign content is not well-formed XML"):
        write_activity(Activity(foreign=(xml,)))


@pytest.mark.parametrize("name", ["", "a b", "1a", 'a="1" b', "a:b:c", ":a"])
def test_foreign_attribute_with_an_impossible_name_is_refused(name: str) -> None:
    with pytest.raises(UnwritableText, match="not a name"):
        write_activity(Activity(foreign_attributes=((name, "1"),)))


def test_file_is_written_record_by_record() -> None:
    out = io.BytesIO()
    with ActivitiesFile(
        out,
        generated_datetime="2024-01-01T00:00:00Z",
        attributes=[("linked-data-default", "http://example.org/"), ("xmlns:x", "urn:x")],
    ) as file:
        started = len(out.getvalue())
        file.write(title("A"))
        assert len(out.getvalue()) > started
        file.write_fragment(write_activity(title("B")))
        file.write_fragment(write_activity(title("C")).encode())
        file.write_foreign("<x:note/>")
    root = etree.fromstring(out.getvalue())
    assert dict(root.attrib) == {
        "version": "2.03",
        "generated-datetime": "2024-01-01T00:00:00Z",
        "linked-data-default": "http://example.org/",
    }
    assert [each.text for each in root.iterfind("iati-activity/title/narrative")] == ["A", "B", "C"]
    assert root[-1].tag == "{urn:x}note"


def test_namespace_of_the_root_is_not_declared_again() -> None:
    activity = Activity(foreign_attributes=(("x:a", "1"), ("xmlns:x", "urn:x"), ("xmlns:y", "urn:y")))
    out = io.BytesIO()
    with ActivitiesFile(out, attributes=[("xmlns:x", "urn:x")], indent=False) as file:
        file.write(activity)
    assert b'<iati-activity x:a="1" xmlns:y="urn:y"/>' in out.getvalue()
    assert ("xmlns:x", "urn:x") in activity.foreign_attributes


def test_failed_file_is_not_closed_as_if_it_were_whole() -> None:
    out = io.BytesIO()
    with pytest.raises(UnwritableText), ActivitiesFile(out) as file:
        file.write(title("\x00"))
    assert b"</iati-activities>" not in out.getvalue()


def test_organisation_file_is_written() -> None:
    organisation = Organisation(organisation_identifier=OrganisationIdentifier(text="XM-DAC-41302"))
    assert write_organisation(organisation, indent=False) == (
        "<iati-organisation><organisation-identifier>XM-DAC-41302</organisation-identifier></iati-organisation>"
    )
    out = io.BytesIO()
    with OrganisationsFile(out) as file:
        file.write(organisation)
    assert etree.fromstring(out.getvalue()).findtext("iati-organisation/organisation-identifier") == "XM-DAC-41302"
