"""Agreements, their amounts over time, and which part of them funds which project."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.db.base import Kept, Recorded, column, foreign, json_column
from app.db.types import Code, Money, choice, json_list, one_of
from app.domain.agreements import RevisionKind
from app.domain.terms import AgreementStatus, Consent, Origin


class Agreement(Kept, table=True):
    """A funding agreement; the signature date is the approval date."""

    __tablename__ = "agreements"
    __table_args__ = (
        CheckConstraint("length(currency) = 3", name="currency_is_code"),
        CheckConstraint("length(modality) = 1", name="modality_is_letter"),
        CheckConstraint("category BETWEEN 1 AND 4", name="category_1_to_4"),
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("status NOT IN ('signed', 'completed') OR signed_on IS NOT NULL", name="signed_has_date"),
    )

    reference: str = column(Code, unique=True)
    partner_id: int = foreign("partners.id")
    title: str = column()
    #: preset of the earmarking table, None for one that came from a published file
    preset: str | None = column(Code, default=None, index=True)
    status: AgreementStatus = column(choice(AgreementStatus), index=True)
    signed_on: dt.date | None = Field(default=None, index=True)
    starts_on: dt.date | None = Field(default=None)
    ends_on: dt.date | None = Field(default=None)
    currency: str = column(Code)
    #: the amount in force; its history stands in ``agreement_revisions``
    amount: Decimal = column(Money)
    #: percent added to direct cost
    support_cost_rate: Decimal | None = column(Money, default=None)
    #: whether ``amount`` includes the support cost
    gross: bool = Field(default=True)
    #: what the money is earmarked for: outcome, theme, region, country, country programme, project
    earmarked_for: str | None = column(default=None)
    #: the same as references, such as "country:KE"
    earmarked_for_refs: list[str] = json_column(json_list(), list)
    framework: str | None = column(default=None)
    #: raised in the country where it is spent, by the offices there
    mobilised_locally: bool = Field(default=False)
    #: Grand Bargain modality, A to L
    modality: str = column(Code)
    #: Grand Bargain category derived from the modality, 1 (unearmarked) to 4 (tightly earmarked)
    category: int = Field(index=True)
    #: DAC type of aid of incoming money
    aid_type: str | None = column(Code, default=None)
    #: the organisation's own wording of the earmarking
    corporate_wording: str | None = column(default=None)
    #: what other partners give of it beside the first, such as "SWE:40" (percent); the first one gives the rest
    further_partners: list[str] = json_column(json_list(), list)
    #: code of a partner that joined when the agreement was signed already → the day of it; None: all signed together
    joined: dict[str, str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    #: activity id of the provider, as published by it
    provider_activity: str | None = column(Code, default=None)
    origin: Origin = column(choice(Origin), default=Origin.OWN)
    note: str | None = column(default=None)


class AgreementRevision(Recorded, table=True):
    """The full values of an agreement from a decision on; appended, never changed."""

    __tablename__ = "agreement_revisions"
    __table_args__ = (UniqueConstraint("agreement_id", "sequence"),)

    agreement_id: int = foreign("agreements.id")
    sequence: int
    known_on: dt.date
    reason: str = column()
    amount: Decimal = column(Money)
    status: AgreementStatus = column(choice(AgreementStatus))
    ends_on: dt.date | None = Field(default=None)
    #: what the decision was, in a word of ``RevisionKind``
    kind: str = column(Code, default=RevisionKind.ENTERED.value)
    starts_on: dt.date | None = Field(default=None)
    support_cost_rate: Decimal | None = column(Money, default=None)
    gross: bool = Field(default=True)
    preset: str | None = column(Code, default=None)
    #: None: a published file told the figures alone, and the classification is that of the agreement
    modality: str | None = column(Code, default=None)
    category: int | None = Field(default=None)
    aid_type: str | None = column(Code, default=None)
    corporate_wording: str | None = column(default=None)
    earmarked_for: str | None = column(default=None)
    earmarked_for_refs: list[str] = json_column(json_list(), list)
    #: names of the terms that the decision is about; None: those in which it differs from what held before
    stated: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    #: day on which the partner consented to a change of earmarking
    consented_on: dt.date | None = Field(default=None)
    note: str | None = column(default=None)


class AgreementRepurposing(Kept, table=True):
    """A change of how the money is tied, as asked of the partner; in force from its consent on, as a revision."""

    __tablename__ = "agreement_repurposings"
    __table_args__ = (
        UniqueConstraint("agreement_id", "decided_on"),
        CheckConstraint("consent <> 'granted' OR consented_on IS NOT NULL", name="consent_has_day"),
    )

    agreement_id: int = foreign("agreements.id")
    decided_on: dt.date
    reason: str = column()
    consent: Consent = column(choice(Consent))
    consented_on: dt.date | None = Field(default=None)
    document_url: str | None = column(default=None)
    #: what changes; None: it stays
    preset: str | None = column(Code, default=None)
    modality: str | None = column(Code, default=None)
    aid_type: str | None = column(Code, default=None)
    earmarked_for: str | None = column(default=None)
    earmarked_for_refs: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    #: None: it is not in force
    in_force_from: dt.date | None = Field(default=None)
    note: str | None = column(default=None)


class FrameworkAgreement(Kept, table=True):
    """An agreement with a partner under which others are signed: those that name its code as their framework."""

    __tablename__ = "framework_agreements"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("(ceiling IS NULL) = (currency IS NULL)", name="ceiling_has_currency"),
    )

    code: str = column(Code, unique=True)
    partner_id: int = foreign("partners.id")
    title: str = column()
    starts_on: dt.date | None = Field(default=None)
    ends_on: dt.date | None = Field(default=None)
    themes: list[str] = json_column(json_list(), list)
    #: what the agreements under it may come to together, gross
    ceiling: Decimal | None = column(Money, default=None)
    currency: str | None = column(Code, default=None)
    note: str | None = column(default=None)


class FundingShare(Kept, table=True):
    """Which part of which agreement funds which project, in which period."""

    __tablename__ = "funding_shares"
    __table_args__ = (
        UniqueConstraint("agreement_id", "project_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="dates_in_order"),
    )

    agreement_id: int = foreign("agreements.id")
    project_id: int = foreign("projects.id")
    starts_on: dt.date | None = Field(default=None)
    ends_on: dt.date | None = Field(default=None)
    #: in the agreement's currency
    amount: Decimal | None = column(Money, default=None)
    #: of the agreement's amount, when no amount is given
    percent: Decimal | None = column(Money, default=None)
    note: str | None = column(default=None)


class Instalment(Kept, table=True):
    """A payment that the agreement's schedule promises."""

    __tablename__ = "instalments"
    __table_args__ = (UniqueConstraint("agreement_id", "due_on"),)

    agreement_id: int = foreign("agreements.id")
    due_on: dt.date
    amount: Decimal = column(Money)
    note: str | None = column(default=None)


class EarmarkingPreset(Kept, table=True):
    """A way of earmarking that officers pick; dated, editable by the organisation."""

    __tablename__ = "earmarking_presets"
    __table_args__ = (
        UniqueConstraint("code", "valid_from"),
        CheckConstraint("length(modality) = 1", name="modality_is_letter"),
        one_of("category", "1", "2", "3", "4"),
    )

    code: str = column(Code)
    valid_from: dt.date = Field(default=dt.date(1900, 1, 1))
    valid_to: dt.date | None = Field(default=None)
    instrument: str = column()
    aid_type: str = column(Code)
    category: str = column(Code)
    modality: str = column(Code)
    wording: str = column()
