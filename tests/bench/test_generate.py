"""What the generation bench times is a file that follows the standard."""

from lxml import etree

from iati.schema import schema_for
from iati.writer import write_activity
from tests.bench import generate_facts, generate_ours


def test_a_generated_activity_is_valid_and_holds_all_its_facts() -> None:
    facts = generate_facts.activity(3)
    element = etree.fromstring(write_activity(generate_ours.build(facts)))
    schema = schema_for("iati-activities")
    assert schema.validate(element), schema.error_log
    assert element.findtext("iati-identifier") == "XM-DAC-41302-BENCH000003"
    assert [each.text for each in element.iterfind("title/narrative")] == [text for _, text in facts["title"]]
    assert len(element.findall("transaction")) == len(facts["transactions"])
    assert len(element.findall("budget")) == len(facts["budgets"])
