"""The validator says what the official one says: on real files, in its rule table, on a thousand changed records."""

import copy
import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from iati import codelists
from iati.validator import Finding, validate
from iati.validator.checks.text import NarrativeText
from iati.validator.rules import OFFICIAL_RULES, Rule
from iati.validator.rules.codes import CODE_RULES, CodeFrom
from iati.validator.rules.files import FILE_RULES
from tests.deep import seeds
from tests.iati.official_rules import OfficialRules
from tests.reference import ROOT, needs_reference, reference

pytestmark = [needs_reference, pytest.mark.reference]

AS_OF = date(2026, 11, 20)
STANDARD = ROOT / "iati" / "standard-2.03"
REAL = sorted((ROOT / "iati" / "real").glob("*.xml"))
CASES = sorted((ROOT / "iati" / "cases" / "xsd").glob("should-*/*.xml"))


def rows(name: str) -> list[dict[str, str]]:
    path = reference("iati", "standard-2.03", name)
    assert path is not None
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@cache
def expected() -> dict[str, set[tuple[str, str, str]]]:
    """File → (activity, rule, severity); critical faults are not told by activity."""
    found = defaultdict(set)
    with (ROOT / "iati" / "real" / "EXPECTED-FINDINGS.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            found[row["file"]].add(comparable(row["activity"], row["rule"], row["severity"]))
    return found


def comparable(activity: str, rule: str, severity: str) -> tuple[str, str, str]:
    return "" if severity == "critical" else " ".join(activity.split()), rule, severity


def official(findings: tuple[Finding, ...]) -> set[tuple[str, str, str]]:
    return {
        comparable(each.activity, each.rule, each.severity) for each in findings if not each.rule.startswith("earmark.")
    }


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_files_get_the_official_findings(path: Path) -> None:
    report = validate(path, as_of=AS_OF)
    assert official(report.findings) == expected()[path.name]
    assert report.valid == (not any(severity == "critical" for _, _, severity in expected()[path.name]))


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_the_official_schema_files_give_the_same_findings(path: Path) -> None:
    report = validate(path, as_of=AS_OF, schemas=STANDARD / "xsd")
    assert official(report.findings) == expected()[path.name]


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_schema_cases_are_valid_exactly_when_they_should_pass(path: Path) -> None:
    assert validate(path, as_of=AS_OF).valid is (path.parent.name == "should-pass")


def context(rule: Rule) -> str:
    """The XPath by which the official table names the elements a rule looks at."""
    if isinstance(rule.check, NarrativeText):
        return f"//{rule.places[0][-1]}"
    root = (
        "/iati-activities/iati-activity" if rule.record == "iati-activity" else "/iati-organisations/iati-organisation"
    )
    paths = ["/".join((root, *place)) for place in rule.places]
    if rule.measures:
        wanted = " or ".join(f"@measure='{each}'" for each in rule.measures)
        paths = [path.replace("/indicator/", f"/indicator[{wanted}]/") for path in paths]
    return " | ".join(paths)


def test_rule_table_is_the_official_one_case_by_case() -> None:
    ours = Counter(
        (rule.id, rule.severity, rule.category, context(rule))
        for rule in OFFICIAL_RULES
        if rule.record == "iati-activity" or not isinstance(rule.check, NarrativeText)
    )
    theirs = Counter((row["id"], row["severity"], row["category"], row["context"]) for row in rows("rules.tsv"))
    assert ours == theirs
    assert ours.total() == 107


def test_no_sentence_is_taken_from_the_official_table() -> None:
    theirs = {row["message"].strip().casefold() for row in rows("rules.tsv")}
    for rule in (*OFFICIAL_RULES, *CODE_RULES, *FILE_RULES):
        assert not any(sentence in rule.advice.casefold() for sentence in theirs)


def test_codelist_rules_are_the_official_ones() -> None:
    def of(rule: Rule) -> tuple[str, ...]:
        check = rule.check
        assert isinstance(check, CodeFrom)
        place = "/".join(rule.places[0]) if rule.places else None
        return (
            rule.id,
            rule.severity,
            rule.category,
            "?" if place is None else f"{rule.record}/{place}".rstrip("/"),
            check.attribute,
            check.codelist,
            check.vocabulary or "",
            "default" if check.default else "",
        )

    def shortened(path: str) -> str:
        steps = path.strip("/").split("/")
        return "/".join(steps[1:]) if len(steps) > 1 else "?"

    theirs = [
        (
            row["id"],
            row["severity"],
            row["category"],
            shortened(row["path"]),
            row["attribute"],
            row["codelist"],
            row["linked_value"],
            row["default"],
        )
        for row in rows("codelist-map.tsv")
    ]
    assert Counter(map(of, CODE_RULES)) == Counter(theirs)
    assert len(theirs) == 124


def test_every_list_that_rules_ask_for_has_the_official_codes() -> None:
    names = {rule.check.codelist for rule in CODE_RULES if isinstance(rule.check, CodeFrom)}
    assert len(names) > 50
    for name in names:
        official_list = etree.parse(str(STANDARD / "codelists" / f"{name}.xml"))
        assert codelists.code_set(name) == {each.text for each in official_list.iterfind(".//codelist-item/code")}, name


# Values that both number readings agree on: the XPath engine used here also reads exponents and "5.", the official not.
VALUES = {
    "percentage": ["", " ", "0", "50", "33.33", "33.3333", "66.67", "100", "100.0", " 100 ", "-1", "101", "abc", "+7"],
    "vocabulary": ["", "1", "2", "7", "98", "99", " 99", "98.0", "x"],
    "iso-date": [
        "",
        "2020-01-01",
        "2024-12-31",
        "2025-01-01",
        "2026-11-20",
        "2026-11-21",
        "2030-01-01Z",
        "x",
        " 2031-01-01",
    ],
    "value-date": ["2020-01-01", "2030-01-01", ""],
    "last-updated-datetime": ["2020-01-01T00:00:00", "2030-01-01T00:00:00Z", "2026-11-20T23:00:00+02:00", "soon"],
    "ref": ["", " ", "GB-COH-1", " GB-COH-1", "GB-COH-1/2", "XX", "41AAA", "A|B", "XM-DAC-7\n"],
    "type": ["1", "2", "3", "4", "A3", "B1", ""],
    "measure": ["1", "4", "5", "9"],
    "value": ["", "1", "1.5", "-2", " 3 ", "many", "1,000", "+7"],
    "significance": ["", "1"],
    "currency": ["", "EUR"],
    "default-currency": ["", "EUR"],
    "activity-id": ["", " x", "y"],
    "provider-activity-id": ["", " x", "y"],
    "receiver-activity-id": ["x\n"],
    "{http://www.w3.org/XML/1998/namespace}lang": ["", "en"],
}
NAMES = [
    *("sector", "recipient-country", "recipient-region", "default-aid-type", "policy-marker", "country-budget-items"),
    *("capital-spend", "activity-date", "other-identifier", "related-activity", "reporting-org", "iati-identifier"),
    *("title", "description", "narrative", "transaction", "budget", "planned-disbursement", "aid-type", "budget-item"),
    *("provider-org", "receiver-org", "owner-org", "participating-org", "period-start", "period-end", "value"),
    *("result", "indicator", "baseline", "target", "actual", "reference", "forecast", "loan-status", "crs-add"),
]


def changed(records: list[etree._Element], rng: random.Random) -> etree._Element:
    """A record with a few nodes removed, repeated, added or given other values."""
    record = copy.deepcopy(rng.choice(records))
    for _ in range(rng.randrange(1, 7)):
        elements = list(record.iter(etree.Element))
        pick = rng.choice(elements)
        parent = pick.getparent()
        what = rng.randrange(7)
        if what == 0 and parent is not None:
            parent.remove(pick)
        elif what == 1 and parent is not None:
            parent.insert(parent.index(pick), copy.deepcopy(pick))
        elif what == 2:
            holder = rng.choice([each for each in elements if len(each)] or elements)
            holder.append(etree.Element(rng.choice(NAMES)))
        elif what == 3:
            record.append(etree.Element(rng.choice(NAMES)))
        elif what == 4 and pick.attrib:
            del pick.attrib[rng.choice(list(pick.attrib))]
        elif what == 5:
            pick.text = rng.choice(["", " ", "text", " GB-COH-1-2", "41AAA-1/2", "GB-COH-1-A&B"])
        else:
            known = [name for name in pick.attrib if name in VALUES]
            name = rng.choice(known or list(VALUES))
            pick.set(name, rng.choice(VALUES[str(name)]))
    return record


def sources() -> dict[str, list[etree._Element]]:
    """Records to change, by the root they belong to: every schema case, and a few from every real file."""
    found: dict[str, list[etree._Element]] = defaultdict(list)
    parser = etree.XMLParser(remove_comments=True)
    for path in (*CASES, *REAL):
        root = etree.parse(str(path), parser).getroot()
        found[str(root.tag)].extend([child for child in root if len(child) < 60][:3])
    return found


def changes(kind: str, count: int, seed: int) -> Iterator[bytes]:
    records = sources()[kind]
    rng = random.Random(seed)
    for _ in range(count):
        root = etree.Element(kind, version="2.03")
        root.append(changed(records, rng))
        yield etree.tostring(root)


@pytest.mark.drawn
@pytest.mark.parametrize(
    ("kind", "seed"),
    [("iati-activities", seed) for seed in seeds(3)] + [("iati-organisations", seed) for seed in seeds(1)],
)
def test_changed_records_get_the_findings_of_the_official_rules(kind: str, seed: int) -> None:
    rules = OfficialRules(
        STANDARD / "ruleset-standard.json",
        publishers=codelists.registered_publishers(),
        prefixes=codelists.org_id_prefixes(),
        as_of=AS_OF,
    )
    ids = {rule.id for rule in OFFICIAL_RULES}
    met = set()
    for xml in changes(kind, 200, seed):
        wanted = rules.faults(etree.fromstring(xml))
        found = {
            (each.rule, each.severity)
            for each in validate(xml, as_of=AS_OF).findings
            if each.rule in ids and not each.rule.startswith("9.")
        }
        assert found == wanted, xml.decode()
        met |= wanted
    assert len(met) > (25 if kind == "iati-activities" else 8)


@pytest.mark.drawn
@pytest.mark.parametrize("seed", seeds(1))
def test_changed_records_are_valid_exactly_when_the_official_schema_says_so(seed: int) -> None:
    parser = etree.XMLParser(no_network=True)
    for kind in ("iati-activities", "iati-organisations"):
        schema = etree.XMLSchema(etree.parse(str(STANDARD / "xsd" / f"{kind}-schema.xsd"), parser))
        verdicts = set()
        for xml in changes(kind, 200, seed):
            verdict = schema.validate(etree.fromstring(xml))
            assert validate(xml, as_of=AS_OF).valid is verdict, xml.decode()
            verdicts.add(verdict)
        assert verdicts == {True, False}
