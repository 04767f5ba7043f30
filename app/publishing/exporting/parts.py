"""An activity from its rows.

What came from a file is put together as it was: each row with its remainder, in its order. What is kept here follows
the rules of ``app.publishing.exporting.compose``. Either way the result is a pure function of rows, set-up and day.
"""

import datetime as dt
import mimetypes
from dataclasses import dataclass, field

from app.domain import results
from app.domain.disclosure import withheld
from app.domain.terms import AgreementStatus, Origin
from app.publishing.exporting.fetch import Rows
from app.publishing.exporting.queries import Columns
from app.publishing.mapping.activity import (
    ACTIVITY,
    CLASSIFICATIONS,
    CONTACT,
    DOCUMENT,
    LINK,
    LOCATION,
    MARKER,
    PARTICIPANT,
    TAG,
)
from app.publishing.mapping.loose import Loose, loose_of
from app.publishing.mapping.results import BASELINE, INDICATOR, MEASUREMENT, PERIOD, RESULT
from iati.model import Activity, Indicator, OtherIdentifier
from iati.values import fault


@dataclass(frozen=True, kw_only=True, slots=True)
class Exclusion:
    """Something that is kept out of a publication, and why."""

    #: code of the project
    project: str
    #: what is kept out: "activity", "document 17", "transaction 4711" …
    what: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        return {"project": self.project, "what": self.what, "reason": self.reason}


@dataclass(slots=True)
class Days:
    """The days around ``as_of`` between which an activity looks the same."""

    as_of: dt.date
    first: dt.date = dt.date.min
    last: dt.date = dt.date.max

    def reached(self, day: dt.date | None) -> bool:
        """Whether a day has come; the answer bounds the span."""
        if day is None or day <= self.first:
            return True
        if day <= self.as_of:
            self.first = day
            return True
        self.last = min(self.last, day - dt.timedelta(days=1))
        return False

    def only_this(self) -> None:
        """What was made of the day itself holds on no other."""
        self.first = self.last = self.as_of


@dataclass(slots=True)
class Composed:
    """An activity and where its parts came from."""

    activity: Activity
    days: Days
    #: (table, keys of the rows) of each element, by list of the activity, in the order of the list
    sources: dict[str, list[tuple[str, tuple[int, ...]]]] = field(default_factory=dict)
    #: elements that are kept but not published, with where they came from
    hidden: dict[str, list[tuple[object, tuple[str, tuple[int, ...]]]]] = field(default_factory=dict)
    exclusions: list[Exclusion] = field(default_factory=list)
    #: why the activity cannot be published; empty when it can
    held_back: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    #: former identifiers that follow from records kept here
    former_identifiers: list[OtherIdentifier] = field(default_factory=list)
    #: what the rules of publication do to everybody's records: worth knowing, but nothing to be done about
    notes: list[str] = field(default_factory=list)
    #: elements of the file that no table can hold, with their places
    loose: Loose = field(default_factory=dict)

    def put(self, name: str, element: object, table: str, *keys: int) -> None:
        """Appends an element to one of the activity's lists."""
        getattr(self.activity, name).append(element)
        self.sources.setdefault(name, []).append((table, keys))

    def hide(self, name: str, element: object, table: str, key: int, exclusion: Exclusion) -> None:
        """Keeps an element out of the publication, and says so."""
        self.hidden.setdefault(name, []).append((element, (table, (key,))))
        self.exclusions.append(exclusion)


def party(columns: Columns, prefix: str, rows: Rows, key: int | None) -> None:
    """Adds the columns that name an organisation."""
    ref, name, type_ = rows.organisations[key] if key is not None else (None, None, None)
    columns[f"{prefix}_ref"], columns[f"{prefix}_name"], columns[f"{prefix}_type"] = ref, name, type_


def start(project: Columns, rows: Rows, days: Days) -> Composed:
    """The activity itself, without lists."""
    party(project, "reporting", rows, project["reporting_org_id"])
    currency = project["default_currency"] or ""
    remainder = project["iati_remainder"]
    return Composed(ACTIVITY.build(project, remainder, currency), days, loose=loose_of(remainder))


def put_loose(composed: Composed) -> None:
    """Elements that no table can hold take their places among the others."""
    for name, elements in composed.loose.items():
        siblings, sources = getattr(composed.activity, name), composed.sources.setdefault(name, [])
        for at, element in elements:
            siblings.insert(at, element)
            sources.insert(at, ("projects", ()))


def put_participants(composed: Composed, project: Columns, rows: Rows) -> None:
    for each in rows.of("participants", project["id"]):
        party(each, "organisation", rows, each["organisation_id"])
        composed.put("participating_org", PARTICIPANT.build(each, each["remainder"]), "participants", each["id"])


def put_classifications(composed: Composed, project: Columns, rows: Rows) -> None:
    for each in rows.of("classifications", project["id"]):
        name, shape = CLASSIFICATIONS[each["kind"]]
        composed.put(name, shape.build(each, each["remainder"]), "classifications", each["id"])


def put_contacts(composed: Composed, project: Columns, rows: Rows) -> None:
    for each in rows.of("contacts", project["id"]):
        if each["archived_at"] is not None:
            continue
        element = CONTACT.build(each, each["remainder"])
        if each["released"]:
            if project["origin"] is Origin.OWN and each["website"]:
                hold_back_address(composed, each["website"], f"The contact {each['id']}")
            composed.put("contact_info", element, "contacts", each["id"])
        else:
            exclusion = Exclusion(project=project["code"], what=f"contact {each['id']}", reason="not released")
            composed.hide("contact_info", element, "contacts", each["id"], exclusion)


def put_locations(composed: Composed, project: Columns, rows: Rows) -> None:
    for each in rows.of("locations", project["id"]):
        composed.put("location", LOCATION.build(each, each["remainder"]), "locations", each["id"])


def put_links(composed: Composed, project: Columns, rows: Rows) -> None:
    for each in rows.of("links", project["id"]):
        composed.put("related_activity", LINK.build(each, each["remainder"]), "links", each["id"])


def put_documents(composed: Composed, project: Columns, rows: Rows) -> None:
    for each in rows.of("documents", project["id"]):
        if each["archived_at"] is not None:
            continue
        element = DOCUMENT.build(each, each["remainder"])
        if reason := withheld(each["withheld_reason"], each["embargo_until"], reached=composed.days.reached):
            exclusion = Exclusion(project=project["code"], what=f"document {each['id']}", reason=reason)
            composed.hide("document_link", element, "documents", each["id"], exclusion)
        else:
            if project["origin"] is Origin.OWN:
                hold_back_address(composed, each["url"], f"The document “{each['title']}”")
            composed.put("document_link", element, "documents", each["id"])


def put_results(composed: Composed, project: Columns, rows: Rows) -> None:
    """The logframe. One that is kept here says words of qualitative indicators as comments, and a value that goes with
    no measure holds the activity back."""
    own = project["origin"] is Origin.OWN
    for each in rows.of("results", project["id"]):
        if each["archived_at"] is not None:
            continue
        result = RESULT.build(each, each["remainder"])
        for indicator in rows.under("indicators", each["id"]):
            if own:
                composed.held_back.extend(_measured(indicator, rows))
            result.indicator.append(_indicator(indicator, rows))
        if own and not result.indicator:
            composed.remarks.append(f"The result “{each['title']}” is left out: add an indicator, which it must have.")
        else:
            composed.put("result", result, "results", each["id"])


def _measured(indicator: Columns, rows: Rows) -> list[str]:
    """Puts the values of an indicator where its measure wants them, and tells which cannot be published."""
    faults = [
        f"The baseline of {each['year']} of the indicator “{indicator['title']}” {reason}"
        for each in rows.under("indicator_baselines", indicator["id"])
        if (reason := _unpublishable(indicator["measure"], each))
    ]
    for period in rows.under("indicator_periods", indicator["id"]):
        for each in rows.under("period_values", period["id"]):
            if reason := _unpublishable(indicator["measure"], each):
                name = f"The {each['kind']} of {period['starts_on']} to {period['ends_on']}"
                faults.append(f"{name} of the indicator “{indicator['title']}” {reason}")
    return faults


def _unpublishable(measure: str, columns: Columns) -> str | None:
    """Why a baseline, target or actual cannot be published; words of a qualitative one become its comment."""
    value = columns["value"]
    if measure == results.QUALITATIVE:
        columns["value"], columns["comment"] = results.kept(measure, value, columns["comment"])
    elif value is None:
        return "has no value, although it is measured in numbers: add it."
    elif said := results.value_fault(measure, value):
        return f"cannot be published. {said}"
    return None


def _indicator(row: Columns, rows: Rows) -> Indicator:
    indicator = INDICATOR.build(row, row["remainder"])
    for each in rows.under("indicator_baselines", row["id"]):
        indicator.baseline.append(BASELINE.build(each, each["remainder"]))
    for each in rows.under("indicator_periods", row["id"]):
        period = PERIOD.build(each, each["remainder"])
        for value in rows.under("period_values", each["id"]):
            kept = period.target if value["kind"] == "target" else period.actual
            kept.append(MEASUREMENT.build(value, value["remainder"]))
        indicator.period.append(period)
    return indicator


#: gender marker → significance of the policy marker
_SIGNIFICANCE = {3: "2", 2: "1", 1: "0"}


def put_own_participants(composed: Composed, project: Columns, rows: Rows) -> None:
    """Explicit participants, then funders by agreements and the reporting organisation, in the order of roles."""
    found: list[tuple[tuple[str, int, int], Columns, tuple[int, ...]]] = []
    explicit = rows.of("participants", project["id"])
    named = {(each["organisation_id"], each["role"]) for each in explicit}
    for at, each in enumerate(explicit):
        found.append(((each["role"], 0, at), each, (each["id"],)))
    derived = [
        (each["organisation_id"], _FUNDING, each["provider_activity"])
        for each in rows.agreements.get(project["id"], ())
        if each["status"] is not AgreementStatus.CANCELLED
    ]
    reporter = project["reporting_org_id"]
    derived.append((reporter, _ACCOUNTABLE, None))
    if not any(each["role"] == _IMPLEMENTING for each in explicit):
        derived.append((reporter, _IMPLEMENTING, None))
    for at, (organisation, role, activity) in enumerate(derived):
        if (organisation, role) not in named:
            named.add((organisation, role))
            columns = {"organisation_id": organisation, "role": role, "activity": activity, "remainder": None}
            found.append(((role, 1, at), columns, ()))
    for _order, columns, keys in sorted(found, key=lambda item: item[0]):
        if reason := rows.unscreened.get(columns["organisation_id"]):
            what = f"participating organisation in role {columns['role']}"
            exclusion = Exclusion(project=project["code"], what=what, reason=reason)
            composed.exclusions.append(exclusion)
            continue
        party(columns, "organisation", rows, columns["organisation_id"])
        element = PARTICIPANT.build(columns, columns["remainder"])
        composed.put("participating_org", element, "participants", *keys)


def put_markers(composed: Composed, project: Columns) -> None:
    """The gender marker and the outcome of the results framework, where they are set and not stated otherwise."""
    significance = _SIGNIFICANCE.get(project["gender_marker"])
    stated = any(each.code == "1" and each.vocabulary in (None, "1") for each in composed.activity.policy_marker)
    if significance is not None and not stated:
        columns = {"vocabulary": "1", "code": "1", "significance": significance}
        composed.put("policy_marker", MARKER.render(columns), "")
    if project["outcome"]:
        composed.put("tag", TAG.render({"vocabulary": "99", "code": project["outcome"]}), "")


def put_evaluations(composed: Composed, project: Columns, rows: Rows) -> None:
    """Reports of published evaluations and management's responses to them."""
    for each in rows.evaluations.get(project["id"], ()):
        if not composed.days.reached(each["completed_on"]):
            continue
        title = each["title"] or each["reference"]
        for url, named in ((each["report_url"], title), (each["response_url"], f"{title}: management response")):
            if url:
                hold_back_address(composed, url, f"The evaluation {each['reference']}")
                composed.put("document_link", DOCUMENT.render(evaluation_document(url, named, each)), "")


def hold_back_address(composed: Composed, address: str, owner: str) -> None:
    """An address that was stored before it was checked on entry keeps the activity back, and nothing else."""
    if reason := address_fault(address, owner):
        composed.held_back.append(reason)


def address_fault(address: str, owner: str) -> str | None:
    """Why an address cannot be published; None when it can."""
    expected = fault("iati-activity/document-link/@url", address)
    return None if expected is None else f"{owner} has the address “{address[:200]}”: write {expected}."


def evaluation_document(url: str, title: str, evaluation: Columns, category: str = "A07") -> Columns:
    """The columns of the document that an evaluation's report is."""
    return {
        "url": url,
        "format": _media_type(url),
        "title": title,
        "title_translations": [],
        "category": category,
        "language": None,
        "document_date": evaluation["completed_on"],
    }


def _media_type(url: str) -> str:
    """What the ending of an address says, whatever else the address may be; a page when it says nothing."""
    name = url.partition("#")[0].partition("?")[0].rpartition("/")[2]
    return mimetypes.guess_type(f"file.{name.rpartition('.')[2]}")[0] or "text/html" if "." in name else "text/html"


def put_parent(composed: Composed, project: Columns, rows: Rows) -> None:
    identifier = rows.parents.get(project["parent_id"])
    stated = any(each.type == "1" and each.ref == identifier for each in composed.activity.related_activity)
    if identifier is not None and not stated:
        composed.put("related_activity", LINK.render({"type": "1", "identifier": identifier}), "")


_FUNDING, _ACCOUNTABLE, _IMPLEMENTING = "1", "2", "4"
