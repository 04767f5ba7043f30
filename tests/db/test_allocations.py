"""Which decision counts: the domain and the database say the same."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.db.allocations import effective_allocations
from app.db.engine import Database
from app.db.spending import Allocation
from app.domain.allocations import Decision, standing
from app.domain.terms import AllocationKind
from tests import portfolio

DAYS = st.dates(dt.date(2021, 1, 1), dt.date(2021, 1, 4))
DECISIONS = st.lists(
    st.tuples(
        st.sampled_from("AB"), st.sampled_from(AllocationKind), DAYS, st.none() | st.integers(0, 5), st.booleans()
    ),
    max_size=7,
)


class Undone(Exception):
    """Leaves the transaction of an example without storing anything."""


@settings(
    max_examples=25,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(decisions=DECISIONS, as_of=DAYS)
def test_the_database_and_the_domain_agree_on_which_decision_counts(
    database: Database,
    decisions: list[tuple[str, AllocationKind, dt.date, int | None, bool]],
    as_of: dt.date,
) -> None:
    with pytest.raises(Undone), database.write("tests") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P")
        rows: list[Allocation] = []
        for source, kind, day, place, withdrawn in decisions:
            row = Allocation(
                project_id=project.id or 0,
                period_start=dt.date(2021, 1, 1),
                period_end=dt.date(2021, 12, 31),
                source=source,
                kind=kind,
                decided_on=day,
                amount=Decimal(1),
                currency="USD",
                supersedes_id=rows[place].id if place is not None and place < len(rows) else None,
                withdrawn=withdrawn,
                recorded_by="tests",
            )
            session.add(row)
            session.flush()
            rows.append(row)
        counting = effective_allocations(as_of).subquery()
        found = sorted(session.scalars(select(counting.c.id)))
        stated = [
            Decision(
                id=row.id or 0,
                line=row.source,
                kind=row.kind,
                decided_on=row.decided_on,
                supersedes=row.supersedes_id,
                withdrawn=row.withdrawn,
            )
            for row in rows
        ]
        assert found == [decision.id for decision in standing(stated, as_of)]
        raise Undone


def test_a_figure_counts_until_the_day_on_which_it_is_taken_back() -> None:
    first = Decision(id=1, line="A", kind=AllocationKind.ORIGINAL, decided_on=dt.date(2021, 1, 1))
    back = Decision(
        id=2, line="A", kind=AllocationKind.ORIGINAL, decided_on=dt.date(2021, 6, 1), supersedes=1, withdrawn=True
    )
    assert standing([first, back], dt.date(2021, 5, 31)) == [first]
    assert standing([first, back], dt.date(2021, 6, 1)) == []
