"""What goes in and comes out about agreements, funding shares, instalments and presets of earmarking."""

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from app.domain.agreements import RevisionKind
from app.domain.earmarking import PRESETS, Instrument, Modality, Wording
from app.domain.terms import AgreementStatus, Origin
from app.http.fields import Output, RemarkOut
from app.http.lists import KeptPage, Page
from app.inputs import (
    CodeText,
    Currency,
    Day,
    Input,
    KeyLine,
    Line,
    ListCode,
    NewCode,
    Partial,
    Percentage,
    PositiveAmount,
    Reference,
    StartDay,
    Text,
)


def _above_zero(amount: Decimal) -> Decimal:
    if amount <= 0:
        raise ValueError("The amount must be above zero: where there is nothing, leave the row out.")
    return amount


def _below_hundred(rate: Decimal) -> Decimal:
    if rate >= 100:
        raise ValueError("A support-cost rate is a percentage below 100.")
    return rate


AmountAboveZero = Annotated[PositiveAmount, AfterValidator(_above_zero)]
SupportCostRate = Annotated[Percentage, AfterValidator(_below_hundred)]


class AgreementIn(Input):
    """A funding agreement. Table: ``agreements``, matched by its reference."""

    reference: Reference = Field(description="The agreement's reference", examples=["NLD-2026-WAGES"])
    partner: CodeText = Field(description="Code of the partner", examples=["NLD"])
    title: Line = Field(description="Title", examples=["Living wage methods"])
    preset: CodeText = Field(
        description=f"How it is earmarked: {', '.join(preset.preset for preset in PRESETS)}", examples=["project"]
    )
    status: AgreementStatus = Field(
        description=f"One of {', '.join(status.value for status in AgreementStatus)}", examples=["signed"]
    )
    signed_on: Day | None = Field(
        default=None, description="Day of the signature, which is that of the approval", examples=["2026-05-04"]
    )
    starts_on: StartDay | None = Field(default=None, description="First day", examples=["2026-06-01"])
    ends_on: Day | None = Field(default=None, description="Last day", examples=["2028-05-31"])
    currency: Currency = Field(description="Currency", examples=["EUR"])
    amount: PositiveAmount = Field(description="Amount", examples=["400000"])
    support_cost_rate: SupportCostRate | None = Field(
        default=None, description="Support cost in percent of direct cost; empty: the standard rate", examples=["13"]
    )
    gross: bool | None = Field(default=None, description="Whether the amount includes support cost; empty: it does")
    earmarked_for: Line | None = Field(
        default=None, description="What it is for: outcome, theme, region, country, programme or project"
    )
    framework: KeyLine | None = Field(default=None, description="Framework agreement it belongs to")
    modality: Modality | None = Field(
        default=None, description="Grand Bargain modality A to L; empty: that of the preset"
    )
    aid_type: ListCode | None = Field(default=None, description="DAC type of aid; empty: that of the preset")
    provider_activity: Reference | None = Field(default=None, description="Activity identifier of the provider")
    note: Text | None = Field(default=None, description="Internal note, never published")
    mobilised_locally: bool | None = Field(
        default=None, description="Whether the offices in the country raised it; empty: no"
    )
    decided_on: Day | None = Field(
        default=None,
        description=(
            "Day of the decision on a change of amount, end or status, after the books that are closed; empty: today, "
            "and for what is completed its last day"
        ),
    )
    reason: Line | None = Field(default=None, description="Why amount, end or status change")
    earmarked_for_refs: list[KeyLine] | None = Field(
        default=None,
        max_length=50,
        description="What it is for as references: outcome, theme, region, country, country-programme or project",
        examples=[["country:KE", "outcome:1"]],
    )
    consented_on: Day | None = Field(
        default=None, description="Day on which the partner consented to a change of how the money is tied"
    )
    further_partners: list[Line] | None = Field(
        default=None,
        max_length=50,
        description="Other partners of the same agreement with their percent of it; the first gives the rest",
        examples=[["SWE:40", "NOR:20"]],
    )


class OfAgreement(Input):
    """The column by which a table names the agreement; it comes first. A route has it in its path."""

    agreement: Reference = Field(description="Reference of the agreement", examples=["NLD-2026-WAGES"])


class ShareIn(Input):
    """Which part of an agreement funds a project."""

    project: CodeText = Field(description="Code of the project or pool", examples=["GLO/26/21/NLD"])
    starts_on: StartDay | None = Field(default=None, description="First day", examples=["2026-06-01"])
    ends_on: Day | None = Field(default=None, description="Last day", examples=["2028-05-31"])
    amount: AmountAboveZero | None = Field(
        default=None, description="Amount in the agreement's currency", examples=["400000"]
    )
    percent: Percentage | None = Field(
        default=None, description="Percent of the agreement's amount, where no amount is given"
    )
    note: Text | None = Field(default=None, description="Internal note, never published")
    decided_on: Day | None = Field(
        default=None,
        description=(
            "Day of the decision, after the books that are closed; empty: that of the agreement for a new project, "
            "today for a change"
        ),
    )


class FundingShareIn(ShareIn, OfAgreement):
    """Which part of an agreement funds a project. Table: ``funding-shares``."""


class InstalmentOfAgreementIn(Input):
    """A payment that an agreement's schedule promises."""

    due_on: Day = Field(description="Day on which it is due", examples=["2026-06-30"])
    amount: AmountAboveZero = Field(description="Amount in the agreement's currency", examples=["200000"])
    note: Text | None = Field(default=None, description="Internal note, never published")
    decided_on: Day | None = Field(
        default=None,
        description=(
            "Day of the decision, after the books that are closed; empty: that of the agreement or the first open one "
            "when new, today for a change"
        ),
    )


class InstalmentIn(InstalmentOfAgreementIn, OfAgreement):
    """A payment that an agreement's schedule promises. Table: ``instalments``."""


class AmendmentOfAgreementIn(Input):
    """What an amendment changes of an agreement from a day on.

    It may be entered at any time: decisions of later days on the same terms stand.
    """

    decided_on: Day = Field(description="Day of the decision, from which it holds", examples=["2027-03-01"])
    reason: Line = Field(description="Why", examples=["Second phase agreed"])
    amount: PositiveAmount | None = Field(
        default=None, description="The whole amount from then on; empty: as before", examples=["550000"]
    )
    starts_on: StartDay | None = Field(default=None, description="First day from then on; empty: as before")
    ends_on: Day | None = Field(
        default=None, description="Last day from then on; empty: as before", examples=["2029-05-31"]
    )
    support_cost_rate: SupportCostRate | None = Field(
        default=None, description="Support cost in percent of direct cost from then on; empty: as before"
    )
    note: Text | None = Field(default=None, description="Internal note, never published")


class AmendmentIn(AmendmentOfAgreementIn, OfAgreement):
    """What an amendment changes of an agreement from a day on. Table: ``agreement-amendments``."""


class PresetIn(Input):
    """A way of earmarking that officers pick; from ``valid_from`` on it takes the place of the one before."""

    code: NewCode = Field(description="Name of the preset", examples=["thematic-fund"])
    valid_from: StartDay = Field(description="First day on which it is offered", examples=["2027-01-01"])
    valid_to: Day | None = Field(default=None, description="Last day on which it is offered")
    instrument: Instrument = Field(description="UN financing instrument", examples=["single-agency-thematic"])
    aid_type: ListCode = Field(description="DAC type of aid", examples=["B032"])
    modality: Modality = Field(description="Grand Bargain modality, A to L", examples=["E"])
    wording: Wording = Field(
        description="The organisation's own word: regular budget, unearmarked, lightly earmarked or earmarked",
        examples=["lightly earmarked"],
    )


SharePatch = Partial[ShareIn]
InstalmentPatch = Partial[InstalmentOfAgreementIn]
AgreementPatch = Partial[AgreementIn]
PresetPatch = Partial[PresetIn]


class AgreementOut(Output):
    id: int
    reference: str
    partner: str
    title: str
    preset: str | None
    status: AgreementStatus
    signed_on: dt.date | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    currency: str
    amount: Decimal
    support_cost_rate: Decimal | None
    gross: bool
    earmarked_for: str | None
    earmarked_for_refs: list[str] = Field(description="what it is for as references, such as country:KE")
    further_partners: list[str] = Field(description="other partners with their percent of it, such as SWE:40")
    framework: str | None
    mobilised_locally: bool
    modality: str
    category: int = Field(description="Grand Bargain category, 1 unearmarked to 4 tightly earmarked")
    aid_type: str | None
    corporate_wording: str | None
    provider_activity: str | None
    origin: Origin
    note: str | None
    version: int
    archived_at: dt.datetime | None


class AgreementStoredOut(AgreementOut):
    """An agreement that was stored, with what somebody should look at all the same."""

    remarks: list[RemarkOut]


class FundingShareOut(Output):
    id: int
    agreement: str
    project: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    amount: Decimal | None
    percent: Decimal | None
    note: str | None
    version: int
    archived_at: dt.datetime | None


class InstalmentOut(Output):
    id: int
    agreement: str
    due_on: dt.date
    amount: Decimal
    note: str | None
    version: int
    archived_at: dt.datetime | None


class InstalmentStoredOut(InstalmentOut):
    """An instalment that was stored, with what somebody should look at all the same."""

    remarks: list[RemarkOut]


class AgreementRevisionOut(Output):
    """The full terms from a decision on."""

    id: int
    sequence: int
    kind: RevisionKind = Field(
        description="restated: a later decision told anew, since an earlier one was learnt after it"
    )
    decided_on: dt.date
    reason: str
    amount: Decimal
    status: AgreementStatus
    starts_on: dt.date | None
    ends_on: dt.date | None
    support_cost_rate: Decimal | None
    gross: bool
    preset: str | None
    modality: str | None
    earmarked_for: str | None
    earmarked_for_refs: list[str]
    consented_on: dt.date | None = Field(description="day of the partner's consent to a change of earmarking")
    note: str | None
    recorded_at: dt.datetime
    recorded_by: str


class AgreementStateOut(Output):
    """What was known of an agreement on a day."""

    reference: str
    as_of: dt.date
    recorded_at: dt.datetime | None
    decided_on: dt.date = Field(description="day of the decision that holds")
    reason: str
    status: AgreementStatus
    currency: str
    amount: Decimal = Field(description="as stated")
    starts_on: dt.date | None
    ends_on: dt.date | None
    support_cost_rate: Decimal | None = Field(description="percent of direct cost; null: the standard rate")
    gross_amount: Decimal = Field(description="direct cost and support cost")
    net_amount: Decimal = Field(description="direct cost")
    support_cost: Decimal = Field(description="charged on the direct cost, by the rate in force on the day")
    preset: str | None
    modality: str
    category: int
    aid_type: str | None
    earmarked_for: str | None
    earmarked_for_refs: list[str]


class PresetOut(Output):
    id: int
    code: str
    valid_from: dt.date
    valid_to: dt.date | None
    instrument: str
    aid_type: str
    category: str
    modality: str
    wording: str
    version: int
    archived_at: dt.datetime | None


class AgreementPage(KeptPage):
    """Filters of agreements."""

    reference: Reference | None = None
    partner: CodeText | None = None
    project: CodeText | None = Field(default=None, description="code of a project that it funds")
    status: list[AgreementStatus] = Field(default=[], max_length=10)
    preset: list[CodeText] = Field(default=[], max_length=30)
    modality: list[Modality] = Field(default=[], max_length=12)
    category: Annotated[int, Field(ge=1, le=4)] | None = None
    currency: Currency | None = None
    framework: KeyLine | None = None
    signed_on_from: Day | None = None
    signed_on_to: Day | None = None
    ends_on_from: Day | None = None
    ends_on_to: Day | None = None
    q: Line | None = Field(default=None, description="text in the reference or the title")


class SharePage(KeptPage):
    """Filters of funding shares."""

    project: CodeText | None = None


class InstalmentPage(KeptPage):
    """Filters of instalments."""

    due_on_from: Day | None = None
    due_on_to: Day | None = None


class RevisionPage(Page):
    """Filters of an agreement's revisions."""

    decided_on_from: Day | None = None
    decided_on_to: Day | None = None


class PresetPage(KeptPage):
    """Filters of presets."""

    code: CodeText | None = None
