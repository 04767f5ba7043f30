"""Posts the rows of a table together: what is plain goes in at once, what needs a closer look is left to its own call.

Plain is a new posting of a known project or pool that breaks no rule, and a document that stands already as it is said.
Everything else (faults, adjustments, transfers, changed amounts, an officer of one unit) goes through
:func:`app.spending.ledger.put_transaction`, which says what is wrong. So the rules stand there, and the two agree by a
test.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from pydantic import BaseModel
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from app.db.audit import Change, append_events, several
from app.db.base import utc_now
from app.db.bulk import add_rows, next_keys
from app.db.changelog import touch
from app.db.lookups import organisation_named, the_setup
from app.db.put import Outcome
from app.db.spending import LedgerEntry
from app.domain.access import Actor, Right
from app.domain.codes import known_code
from app.domain.keys import alike
from app.domain.money import exact_sum, plain
from app.domain.notation import beyond_minor_units, thousands_meant
from app.domain.terms import EntryKind
from app.spending import queries_many as queries
from app.spending.ledger import CORRECTION, said_otherwise
from app.spending.queries import assistance_codes
from app.spending.schemas import TransactionIn

#: names of organisations that are remembered at a time
_REMEMBERED = 50_000


class _Posting(NamedTuple):
    """A row of the ledger; fields are its columns."""

    project_id: int
    agreement_id: int | None
    document: str
    type: str
    date: dt.date
    amount: Decimal
    currency: str
    value_date: dt.date | None
    description: str | None
    country: str | None
    sector: str | None
    assistance: str | None
    note: str | None
    provider_id: int | None
    receiver_id: int | None
    internal: bool
    entry_kind: EntryKind
    adjusts_id: int | None
    reason: str
    recorded_at: dt.datetime
    recorded_by: str


_COLUMNS = _Posting._fields
#: columns that an event of the audit trail repeats; who recorded the row and when stands in the event itself
_IN_EVENTS = _COLUMNS.index("recorded_at")
#: of these, those that JSON does not hold as they are
_DATE, _AMOUNT, _VALUE_DATE = map(_COLUMNS.index, ("date", "amount", "value_date"))


def _alike_but_for_zeros(documents: Collection[str]) -> set[str]:
    """Those that are one number with another one of them, but for the zeros before it."""
    if not any(document[:1] == "0" for document in documents):
        return set()
    numbers = defaultdict(list)
    for document in documents:
        if document.isdigit():
            numbers[document.lstrip("0")].append(document)
    return {document for written in numbers.values() if len(written) > 1 for document in written}


def _listed(row: _Posting) -> list[object]:
    """The row as an event repeats it."""
    cells: list[object] = [*row[:_IN_EVENTS]]
    cells[_DATE], cells[_AMOUNT] = row.date.isoformat(), plain(row.amount)
    if row.value_date is not None:
        cells[_VALUE_DATE] = row.value_date.isoformat()
    return cells


class Poster:
    """Posts rows of one table, some thousands at a time."""

    def __init__(self, session: Session, actor: Actor, today: dt.date) -> None:
        self.session, self.actor, self.today = session, actor, today
        self.closed_until = the_setup(session).closed_until
        self.places: dict[str, queries.Place] = {}
        self.agreements: dict[str, int] = {}
        self.organisations: dict[str, int | None] = {}
        #: codes of the organisation's own list; empty: it has none, and any word will do
        self.assistance = frozenset(assistance_codes(session))
        self.widths = queries.widths_with_zeros(session)

    def post(self, bodies: Sequence[BaseModel]) -> list[Outcome | None]:
        """What came of each row; None: it was not touched, look at it alone. The documents differ from each other."""
        rows = [body for body in bodies if isinstance(body, TransactionIn)]
        if len(rows) < len(bodies):
            raise TypeError("only transactions are posted")
        if self.actor.of_a_unit or not self.actor.may(Right.WRITE):
            return [None for _ in bodies]
        try:
            with self.session.begin_nested():
                return self._post(rows)
        except (IntegrityError, DataError):
            # what was remembered may have been taken back with the rest
            self.organisations.clear()
            return [None for _ in bodies]

    def _post(self, bodies: Sequence[TransactionIn]) -> list[Outcome | None]:
        self._learn(bodies)
        twins = {body.document: self._twins(body.document) for body in bodies}
        wanted = [*twins, *(twin for found in twins.values() for twin in found)]
        posted = queries.posted(self.session, wanted)
        corrections = queries.corrections(self.session, [row.id for row in posted.values()])
        outcomes: list[Outcome | None] = []
        one_number = _alike_but_for_zeros(twins)
        rows: list[_Posting] = []
        now = utc_now()
        for body in bodies:
            row = self._row(body, now)
            kept = posted.get(body.document)
            asked = kept is None and (
                body.document in one_number or any(twin in posted for twin in twins[body.document])
            )
            if row is None or asked:
                outcomes.append(None)
            elif kept is None:
                outcomes.append("created" if self._may_be_new(body) else None)
                if outcomes[-1]:
                    rows.append(row)
            else:
                prefix = f"{body.document}{CORRECTION}"
                own = [each.amount for each in corrections.get(kept.id, ()) if each.document.startswith(prefix)]
                same = exact_sum([kept.amount, *own]) == body.amount and not said_otherwise(kept, row, body)
                outcomes.append("unchanged" if same else None)
        self._add(rows)
        return outcomes

    def _learn(self, bodies: Sequence[TransactionIn]) -> None:
        codes = {code for body in bodies for code in (body.project, body.pool) if code and code not in self.places}
        self.places |= queries.places(self.session, codes)
        references = {body.agreement for body in bodies if body.agreement and body.agreement not in self.agreements}
        self.agreements |= queries.agreements(self.session, references)
        if len(self.organisations) > _REMEMBERED:
            self.organisations.clear()

    def _twins(self, document: str) -> list[str]:
        """The same number with more or fewer zeros before it, as far as the ledger may hold such a one."""
        if not document.isdigit() or not (self.widths or document[0] == "0"):
            return []
        bare = document.lstrip("0")
        return [twin for twin in {bare, *(bare.rjust(width, "0") for width in self.widths)} if twin != document]

    def _row(self, body: TransactionIn, now: dt.datetime) -> _Posting | None:
        """The row to post; None where it needs a closer look."""
        place = self.places.get(body.project or body.pool or "")
        if (
            place is None
            or (body.project and body.pool)
            or (body.pool and not place.is_pool)
            or (body.agreement and body.agreement not in self.agreements)
            or body.adjusts is not None
            or body.date > self.today
            or (body.value_date is not None and body.value_date > self.today)
            or not (self._known("Country", body.country) and self._known("Sector", body.sector))
            or (body.assistance and self.assistance and body.assistance not in self.assistance)
        ):
            return None
        return _Posting(
            project_id=place.id,
            agreement_id=self.agreements[body.agreement] if body.agreement else None,
            document=body.document,
            type=body.type.value,
            date=body.date,
            amount=body.amount,
            currency=body.currency,
            value_date=body.value_date,
            description=body.description,
            country=body.country,
            sector=body.sector,
            assistance=body.assistance,
            note=body.note,
            provider_id=self._organisation(body.provider),
            receiver_id=self._organisation(body.receiver),
            internal=False,
            entry_kind=EntryKind.POSTING,
            adjusts_id=None,
            reason=body.reason or "",
            recorded_at=now,
            recorded_by=self.actor.name,
        )

    def _may_be_new(self, body: TransactionIn) -> bool:
        return (
            body.amount != 0
            and not self.places[body.project or body.pool or ""].is_archived
            and (self.closed_until is None or body.date > self.closed_until)
            and thousands_meant(body.amount, body.currency) is None
            and alike(body.document) == body.document
            and beyond_minor_units(body.amount, body.currency) is None
        )

    def _known(self, codelist: str, code: str | None) -> bool:
        return code is None or known_code(codelist, code)

    def _organisation(self, name: str | None) -> int | None:
        if not name:
            return None
        if name not in self.organisations:
            self.organisations[name] = organisation_named(self.session, name).id
        return self.organisations[name]

    def _add(self, rows: list[_Posting]) -> None:
        """Adds the rows, those of a project one behind the other, so that one event of its chain can name them all."""
        if not rows:
            return
        rows.sort(key=lambda row: row.project_id)
        keys = next_keys(self.session, LedgerEntry, len(rows))
        keyed = [(key, *row) for key, row in zip(keys, rows, strict=True)]
        add_rows(self.session, LedgerEntry, ("id", *_COLUMNS), keyed)
        self.widths |= {len(row.document) for row in rows if row.document[0] == "0" and row.document.isdigit()}
        columns = list(_COLUMNS[:_IN_EVENTS])
        events = []
        for project_id, some in groupby(zip(keys, rows, strict=True), key=lambda pair: pair[1].project_id):
            pairs = list(some)
            event = Change(
                aggregate=f"project:{project_id}",
                action="create",
                entity="ledger_entries",
                entity_id=several(pairs[0][0], pairs[-1][0]),
                after={"columns": columns, "rows": [_listed(row) for _key, row in pairs]},
            )
            events.append(event)
        append_events(self.session, self.actor.name, events)
        touch(self.session, {row.project_id for row in rows})
