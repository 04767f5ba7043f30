"""An activity from its rows.

What came from a file is put together as it was: each row with its remainder, in its order. What is kept here follows
the rules of ``app.publishing.exporting.compose``. Either way the result is a pure function of rows, set-up and day.
"""

import datetime as dt
import mimetypes
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter

from app.domain.disclosure import withheld
from app.domain.outcomes import outcome_codes
from app.domain.terms import AgreementStatus, Origin
from app.publishing.exporting.rows import ProjectRow, Rows, of
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
from app.publishing.mapping.loose import Loose, LooseElement, loose_of
from app.publishing.mapping.said import NOT_WRITTEN, Said, Texts, element_of, transactions_xml
from app.publishing.mapping.shape import Node, Remainder
from app.publishing.mapping.written import Unmade, Written
from iati.model import Activity, OtherIdentifier, PolicyMarker, RelatedActivity, Transaction
from iati.values import fault
from iati.writer import UnwritableText, write_activity, write_element


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
    #: the activity's transactions, until they are settled or written: most are no more than what they say
    transactions: list[Said | Transaction] = field(default_factory=list)
    #: the elements of its other lists, likewise
    lists: dict[str, list[object]] = field(default_factory=dict)
    #: the XML of both, once it was made
    _written: Texts = NOT_WRITTEN
    _listed: dict[str, list[str]] = field(default_factory=dict)

    def put_transactions(self, put: Iterable[Said | Transaction], keys: Iterable[tuple[int, ...]]) -> None:
        """Appends transactions of the ledger, with the keys of the rows that made each."""
        self.transactions += put
        self.sources.setdefault("transaction", []).extend([("ledger_entries", each) for each in keys])

    def settle(self) -> None:
        """Makes elements of everything, for those who look into the activity."""
        self.activity.transaction += map(element_of, self.transactions)
        for name in self.lists:
            getattr(self.activity, name).extend(self.elements(name, object))
        self.transactions, self.lists, self._written, self._listed = [], {}, NOT_WRITTEN, {}

    def elements(self, name: str, kind: type[Node]) -> list[Node]:
        """The elements of one of the activity's other lists so far, which are made now; changed, they stay so."""
        found = self.lists.get(name, [])
        found[:] = [each.element() if isinstance(each, Unmade) else each for each in found]
        return [each for each in found if isinstance(each, kind)]

    def write_transactions(self) -> None:
        """Makes XML of the transactions ahead of the rest."""
        with suppress(UnwritableText):
            self._written = transactions_xml(self.transactions)

    def write_lists(self) -> None:
        """Makes XML of the other lists ahead of the rest."""
        with suppress(UnwritableText):
            self._listed = {name: [_xml(name, each) for each in some] for name, some in self.lists.items()}

    def xml(self) -> str:
        """The activity as XML, of which its lists were made ahead.

        Raises UnwritableText, which names the place, for a text that XML cannot hold.
        """
        if len(self._written.every) == len(self.transactions) and self._listed.keys() == self.lists.keys():
            with suppress(UnwritableText):
                return write_activity(self.activity, ready={**self._listed, "transaction": self._written.every})
        self.settle()
        return write_activity(self.activity)

    def to_check(self, xml: str) -> str:
        """What :meth:`xml` gave; of transactions that follow the schema either all or not at all only the first."""
        every, to_check = self._written
        if len(to_check) == len(every):
            return xml
        first = xml.index(every[0])
        return f"{xml[:first]}{''.join(to_check)}{xml[first + sum(map(len, every)) :]}"

    def place(self, name: str, loose: LooseElement) -> None:
        """Puts an element that comes from no row at its place in one of the activity's lists."""
        at, element = loose
        if isinstance(element, Transaction):
            self.transactions.insert(at, element)
        else:
            self.lists.setdefault(name, []).insert(at, element)
        self.sources.setdefault(name, []).insert(at, ("projects", ()))

    def put(self, name: str, element: object, table: str, *keys: int) -> None:
        """Appends an element, made or unmade, to one of the activity's lists."""
        self.lists.setdefault(name, []).append(element)
        self.sources.setdefault(name, []).append((table, keys))

    def hide(self, name: str, element: object, table: str, key: int, exclusion: Exclusion) -> None:
        """Keeps an element out of the publication, and says so."""
        made = element.element() if isinstance(element, Unmade) else element
        self.hidden.setdefault(name, []).append((made, (table, (key,))))
        self.exclusions.append(exclusion)


def _xml(name: str, put: object) -> str:
    """What was put on a list of the activity, as it stands there."""
    return put.xml() if isinstance(put, Unmade) else write_element(put, name.replace("_", "-"), "\n    ")


_PARTICIPANT = Written(PARTICIPANT, "participating-org", alike=True)
_CLASSIFICATIONS = {
    kind: (name, Written(shape, name.replace("_", "-"))) for kind, (name, shape) in CLASSIFICATIONS.items()
}
_TAG, _MARKER = Written(TAG, "tag"), Written(MARKER, "policy-marker")
_CONTACT, _LOCATION = Written(CONTACT, "contact-info"), Written(LOCATION, "location")
_DOCUMENT, _LINK = Written(DOCUMENT, "document-link"), Written(LINK, "related-activity")


def party(prefix: str, rows: Rows, key: int | None) -> dict[str, object]:
    """The columns that name an organisation."""
    ref, name, type_ = rows.organisations[key] if key is not None else (None, None, None)
    return {f"{prefix}_ref": ref, f"{prefix}_name": name, f"{prefix}_type": type_}


def start(project: ProjectRow, rows: Rows, days: Days) -> Composed:
    """The activity itself, without lists."""
    columns = {**project, **party("reporting", rows, project["reporting_org_id"])}
    remainder = project["iati_remainder"]
    activity = ACTIVITY.build(columns, remainder, project["default_currency"] or "")
    return Composed(activity, days, loose=loose_of(remainder))


def put_loose(composed: Composed) -> None:
    """Elements that no table can hold take their places among the others."""
    for name, elements in composed.loose.items():
        for each in elements:
            composed.place(name, each)


def put_participants(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    for each in of(rows.participants, project["id"]):
        columns = {**each, **party("organisation", rows, each["organisation_id"])}
        composed.put("participating_org", _PARTICIPANT.of(columns, each["remainder"]), "participants", each["id"])


def put_classifications(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    for each in of(rows.classifications, project["id"]):
        name, written = _CLASSIFICATIONS[each["kind"]]
        composed.put(name, written.of(each, each["remainder"]), "classifications", each["id"])


def put_contacts(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    for each in of(rows.contacts, project["id"]):
        if each["archived_at"] is not None:
            continue
        element = _CONTACT.of(each, each["remainder"])
        if each["released"]:
            if project["origin"] is Origin.OWN and each["website"]:
                hold_back_address(composed, each["website"], f"The contact {each['id']}")
            composed.put("contact_info", element, "contacts", each["id"])
        else:
            exclusion = Exclusion(project=project["code"], what=f"contact {each['id']}", reason="not released")
            composed.hide("contact_info", element, "contacts", each["id"], exclusion)


def put_locations(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    for each in of(rows.locations, project["id"]):
        composed.put("location", _LOCATION.of(each, each["remainder"]), "locations", each["id"])


def put_links(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    for each in of(rows.links, project["id"]):
        composed.put("related_activity", _LINK.of(each, each["remainder"]), "links", each["id"])


def put_documents(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    for each in of(rows.documents, project["id"]):
        if each["archived_at"] is not None:
            continue
        element = _DOCUMENT.of(each, each["remainder"])
        if reason := withheld(each["withheld_reason"], each["embargo_until"], reached=composed.days.reached):
            exclusion = Exclusion(project=project["code"], what=f"document {each['id']}", reason=reason)
            composed.hide("document_link", element, "documents", each["id"], exclusion)
        else:
            if project["origin"] is Origin.OWN:
                hold_back_address(composed, each["url"], f"The document “{each['title']}”")
            composed.put("document_link", element, "documents", each["id"])


#: gender marker → significance of the policy marker
_SIGNIFICANCE = {3: "2", 2: "1", 1: "0"}


def put_own_participants(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """Explicit participants, then funders by agreements and the reporting organisation, in the order of roles."""
    explicit = of(rows.participants, project["id"])
    named = {(each["organisation_id"], each["role"]) for each in explicit}
    derived: list[tuple[int, str, str | None]] = [
        (each["organisation_id"], _FUNDING, each["provider_activity"])
        for each in of(rows.agreements, project["id"])
        if each["status"] is not AgreementStatus.CANCELLED
    ]
    reporter = project["reporting_org_id"]
    derived.append((reporter, _ACCOUNTABLE, None))
    if not any(each["role"] == _IMPLEMENTING for each in explicit):
        derived.append((reporter, _IMPLEMENTING, None))
    found: list[tuple[str, int, str | None, Remainder | None, tuple[int, ...]]] = [
        (each["role"], each["organisation_id"], each["activity"], each["remainder"], (each["id"],)) for each in explicit
    ]
    for organisation, role, activity in derived:
        if (organisation, role) not in named:
            named.add((organisation, role))
            found.append((role, organisation, activity, None, ()))
    for role, organisation, activity, remainder, keys in sorted(found, key=itemgetter(0)):
        if reason := rows.unscreened.get(organisation):
            what = f"participating organisation in role {role}"
            composed.exclusions.append(Exclusion(project=project["code"], what=what, reason=reason))
            continue
        columns = {"role": role, "activity": activity, **party("organisation", rows, organisation)}
        composed.put("participating_org", _PARTICIPANT.of(columns, remainder), "participants", *keys)


def put_markers(composed: Composed, project: ProjectRow, _rows: Rows) -> None:
    """The gender marker and the outcomes of the results framework, where they are set and not stated otherwise."""
    significance = _SIGNIFICANCE.get(project["gender_marker"] or 0)
    markers = composed.elements("policy_marker", PolicyMarker) if significance is not None else []
    stated = any(each.code == "1" and each.vocabulary in (None, "1") for each in markers)
    if significance is not None and not stated:
        columns = {"vocabulary": "1", "code": "1", "significance": significance}
        composed.put("policy_marker", _MARKER.of(columns), "")
    for code in outcome_codes(project["outcome"]):
        composed.put("tag", _TAG.of({"vocabulary": "99", "code": code}), "")


def put_evaluations(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """Reports of published evaluations and management's responses to them."""
    for each in of(rows.evaluations, project["id"]):
        if not composed.days.reached(each["completed_on"]):
            continue
        title = each["title"] or each["reference"]
        for url, named in ((each["report_url"], title), (each["response_url"], f"{title}: management response")):
            if url:
                hold_back_address(composed, url, f"The evaluation {each['reference']}")
                composed.put("document_link", _DOCUMENT.of(evaluation_document(url, named, each["completed_on"])), "")


def hold_back_address(composed: Composed, address: str, owner: str) -> None:
    """An address that was stored before it was checked on entry keeps the activity back, and nothing else."""
    if reason := address_fault(address, owner):
        composed.held_back.append(reason)


def address_fault(address: str, owner: str) -> str | None:
    """Why an address cannot be published; None when it can."""
    expected = fault("iati-activity/document-link/@url", address)
    return None if expected is None else f"{owner} has the address “{address[:200]}”: write {expected}."


def evaluation_document(url: str, title: str, completed_on: dt.date | None, category: str = "A07") -> dict[str, object]:
    """The columns of the document that an evaluation's report is."""
    return {
        "url": url,
        "format": _media_type(url),
        "title": title,
        "title_translations": [],
        "category": category,
        "language": None,
        "document_date": completed_on,
    }


def _media_type(url: str) -> str:
    """What the ending of an address says, whatever else the address may be; a page when it says nothing."""
    name = url.partition("#")[0].partition("?")[0].rpartition("/")[2]
    return mimetypes.guess_type(f"file.{name.rpartition('.')[2]}")[0] or "text/html" if "." in name else "text/html"


def put_parent(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    parent = project["parent_id"]
    identifier = None if parent is None else rows.parents.get(parent)
    if identifier is None:
        return
    links = composed.elements("related_activity", RelatedActivity)
    if not any(each.type == "1" and each.ref == identifier for each in links):
        composed.put("related_activity", _LINK.of({"type": "1", "identifier": identifier}), "")


_FUNDING, _ACCOUNTABLE, _IMPLEMENTING = "1", "2", "4"
