"""Organisations of every kind, and those among them that fund: partners."""

import datetime as dt

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from app.db.base import Kept, column, foreign, json_column
from app.db.types import Code, choice, json_list
from app.domain.keys import without_marks
from app.domain.terms import PartnerCategory, ProtectionResult, Screening


def name_key(name: str) -> str:
    """The form of a name by which organisations without an identifier are told apart: as it is seen, folded."""
    return " ".join(without_marks(name).casefold().split())


class Organisation(Kept, table=True):
    """An organisation named in an activity, an agreement or a transaction.

    With an identifier it is known by that; without one by its name (``name_key``: folded and without double spaces).
    """

    __tablename__ = "organisations"
    __table_args__ = (
        Index("uq_organisations_identifier", "identifier", unique=True),
        Index(
            "uq_organisations_name_key",
            "name_key",
            unique=True,
            sqlite_where=text("identifier IS NULL"),
            postgresql_where=text("identifier IS NULL"),
        ),
    )

    identifier: str | None = column(Code, default=None)
    name: str = column()
    name_key: str = column(Code)
    #: further languages: [[language, text], …], order kept
    name_translations: list[list[str]] = json_column(json_list(), list)
    #: IATI organisation type
    type: str | None = column(Code, default=None)
    country: str | None = column(Code, default=None)
    former_identifiers: list[str] = json_column(json_list(), list)


class ProtectionCheck(Kept, table=True):
    """A check of an implementing partner on protection from abuse."""

    __tablename__ = "protection_checks"
    __table_args__ = (UniqueConstraint("partner_id", "checked_on"),)

    partner_id: int = foreign("partners.id")
    checked_on: dt.date
    result: ProtectionResult = column(choice(ProtectionResult))
    #: None: it holds until the next one
    valid_until: dt.date | None = Field(default=None)
    reason: str = column()
    note: str | None = column(default=None)


class Partner(Kept, table=True):
    """An organisation that funds, or may fund, projects."""

    __tablename__ = "partners"

    code: str = column(Code, unique=True)
    organisation_id: int = foreign("organisations.id")
    category: PartnerCategory = column(choice(PartnerCategory), index=True)
    subcategory: str | None = column(default=None)
    screening: Screening = column(choice(Screening), default=Screening.NOT_REQUIRED)
    cleared_until: dt.date | None = Field(default=None)
    #: what the screening rests on, and sectors whose money is not taken, such as tobacco
    screening_reason: str | None = column(default=None)
    excluded_sectors: list[str] = json_column(json_list(), list)
    framework_agreement: str | None = column(default=None)
    framework_starts_on: dt.date | None = Field(default=None)
    framework_ends_on: dt.date | None = Field(default=None)
    framework_themes: list[str] = json_column(json_list(), list)
    note: str | None = column(default=None)
