"""What the rows of publications and imports say of their columns is what the tables say."""

from dataclasses import is_dataclass
from decimal import Decimal
from typing import get_type_hints

import pytest

from app.db.base import Row
from app.db.evaluations import Evaluation
from app.db.organisation import Setup
from app.db.partners import Organisation
from app.db.projects import Classification, Contact, Document, Link, Location, Participant, Project
from app.db.publishing import OrganisationFile
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.spending import Allocation, InstitutionalBudget, LedgerEntry, PlannedPayment
from app.publishing.exporting import queries, queries_organisation, rows, rows_of_results
from app.publishing.exporting.queries_rows import Processing
from app.publishing.importing import queries as importing_queries

READ: tuple[tuple[type, type[Row]], ...] = (
    (rows.ProjectRow, Project),
    (rows.ParticipantRow, Participant),
    (rows.ClassificationRow, Classification),
    (rows.ContactRow, Contact),
    (rows.LocationRow, Location),
    (rows.DocumentRow, Document),
    (rows.LinkRow, Link),
    (rows.PlannedRow, PlannedPayment),
    (rows.AllocationRow, Allocation),
    (rows.EntryRow, LedgerEntry),
    (rows_of_results.ResultRow, Result),
    (rows_of_results.IndicatorRow, Indicator),
    (rows_of_results.BaselineRow, Baseline),
    (rows_of_results.PeriodRow, IndicatorPeriod),
    (rows_of_results.ValueRow, PeriodValue),
    (rows.SetupRow, Setup),
    (queries.OrganisationRow, Organisation),
    (queries_organisation.BudgetRow, InstitutionalBudget),
    (queries_organisation.DocumentRow, Document),
    (queries_organisation.EvaluationRow, Evaluation),
    (queries_organisation.OwnRow, Organisation),
    (importing_queries.OrganisationRow, Organisation),
    (importing_queries.StoredRecord, OrganisationFile),
)
#: columns that hold JSON of a form that only publications know
OF_PUBLICATIONS = ("remainder", "iati_remainder")
#: columns that are empty in rows that no publication reads: documents of projects name one
GIVEN = {(rows.DocumentRow, "project_id")}


@pytest.mark.parametrize(("kind", "row_class"), READ, ids=lambda each: each.__name__)
def test_row_says_of_its_columns_what_the_table_says(kind: type, row_class: type[Row]) -> None:
    stated, kept = get_type_hints(kind), get_type_hints(row_class)
    compared = [name for name in stated if name not in OF_PUBLICATIONS and (kind, name) not in GIVEN]
    # a key is None only before its row is stored
    wanted = {name: int if name == "id" else kept[name] for name in compared}
    assert {name: stated[name] for name in compared} == wanted
    assert is_dataclass(kind) or set(stated) == set(kind.__annotations__)


def test_amounts_that_are_equal_and_not_written_alike_stay_as_they_were() -> None:
    column = [Decimal("0.00"), None, *[Decimal(0)] * 10, Decimal("1.50"), Decimal("1.5")]
    done = Processing(0, lambda value: value, shared=True).done(column)
    assert list(map(str, done)) == list(map(str, column))
