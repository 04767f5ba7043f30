"""How far a contribution is earmarked: Grand Bargain modality, category, aid type and financing instrument.

The primary code is the modality A–L; the category follows from it. The corporate wording ("lightly earmarked") is
stored beside the codes, because the Grand Bargain indicator (categories 1 and 2) and the corporate one (unearmarked
and lightly earmarked) are two indicators.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.findings import Finding, Severity
from app.domain.money import EXACT, WORKING, Money, minor_units, plain, round_minor
from app.domain.periods import add_months, day_after
from app.domain.terms import PartnerCategory as PartnerCategory
from app.domain.told import Term, Told


class Category(StrEnum):
    """Grand Bargain earmarking category: aid type in vocabulary 2."""

    UNEARMARKED = "1"
    SOFTLY_EARMARKED = "2"
    EARMARKED = "3"
    TIGHTLY_EARMARKED = "4"


class Modality(StrEnum):
    """Grand Bargain earmarking modality: aid type in vocabulary 3."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H = "H"
    I = "I"  # noqa: E741 - the letter is the code
    J = "J"
    K = "K"
    L = "L"

    @property
    def category(self) -> Category:
        return _CATEGORY[self]

    @property
    def meaning(self) -> str:
        """What the letter stands for, in short."""
        return _MEANING[self]


_CATEGORY: Mapping[Modality, Category] = {
    **dict.fromkeys((Modality.A, Modality.B, Modality.C), Category.UNEARMARKED),
    **dict.fromkeys((Modality.D, Modality.E, Modality.F), Category.SOFTLY_EARMARKED),
    **dict.fromkeys((Modality.G, Modality.H), Category.EARMARKED),
    **dict.fromkeys((Modality.I, Modality.J, Modality.K, Modality.L), Category.TIGHTLY_EARMARKED),
}
_MEANING: Mapping[Modality, str] = {
    Modality.A: "core, fully flexible",
    Modality.B: "core, fully flexible, to the central emergency fund",
    Modality.C: "core",
    Modality.D: "core with limits",
    Modality.E: "for a region or a strategic objective",
    Modality.F: "to a country-based pooled fund",
    Modality.G: "for operations in one country",
    Modality.H: "for a sub-objective or target",
    Modality.I: "for a project",
    Modality.J: "for a place and theme, financially tied",
    Modality.K: "for a place and theme, in kind",
    Modality.L: "project initiated by the donor",
}


class Instrument(StrEnum):
    """UN financing instrument (UN data standards)."""

    ASSESSED = "assessed"
    VOLUNTARY_CORE = "voluntary-core"
    THEMATIC = "single-agency-thematic"
    PROGRAMME_SPECIFIC = "programme-specific"
    POOLED = "inter-agency-pooled"
    PROJECT_SPECIFIC = "project-specific"
    IN_KIND = "in-kind"
    LOCAL_RESOURCES = "local-resources"
    VERTICAL = "global-vertical"


class Wording(StrEnum):
    """The organisation's own word for how far money is earmarked."""

    REGULAR_BUDGET = "regular budget"
    UNEARMARKED = "unearmarked"
    LIGHTLY_EARMARKED = "lightly earmarked"
    EARMARKED = "earmarked"


#: Standard support-cost rates: what is charged on top of direct cost when nothing else was agreed.
STANDARD_RATE_UNEARMARKED = Decimal("0.07")
STANDARD_RATE_EARMARKED = Decimal("0.13")

#: DAC aid types (vocabulary 1) that stand for a contribution the receiver may use freely.
CORE_AID_TYPES = frozenset({"B01", "B02", "B021", "B022"})
#: DAC aid types, vocabulary 1.
AID_TYPES = CORE_AID_TYPES | frozenset(
    {
        *("A01", "A02", "B03", "B031", "B032", "B033", "B04", "C01", "D01", "D02", "E01", "E02"),
        *("F01", "G01", "H01", "H02", "H03", "H04", "H05", "H06"),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Earmarking:
    """The full classification of a contribution; a preset is one of these with a name."""

    #: Name of the preset the officer picked.
    preset: str
    instrument: Instrument
    #: DAC aid type, vocabulary 1.
    aid_type: str
    modality: Modality
    wording: Wording
    #: Stated category; derived from the modality when None.
    stated_category: Category | None = None
    #: Days between which an organisation offers the preset; open when None.
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def category(self) -> Category:
        """Aid type in vocabulary 2."""
        return self.modality.category


def _preset(name: str, instrument: Instrument, aid_type: str, modality: Modality, wording: Wording) -> Earmarking:
    return Earmarking(preset=name, instrument=instrument, aid_type=aid_type, modality=modality, wording=wording)


#: The presets that ship; organisations edit their own copies.
PRESETS: tuple[Earmarking, ...] = (
    _preset("assessed", Instrument.ASSESSED, "B021", Modality.C, Wording.REGULAR_BUDGET),
    _preset("rbsa", Instrument.VOLUNTARY_CORE, "B021", Modality.C, Wording.UNEARMARKED),
    _preset("thematic-fund", Instrument.THEMATIC, "B032", Modality.E, Wording.LIGHTLY_EARMARKED),
    _preset("theme-or-region", Instrument.PROGRAMME_SPECIFIC, "B033", Modality.E, Wording.LIGHTLY_EARMARKED),
    _preset("country-programme", Instrument.PROGRAMME_SPECIFIC, "B033", Modality.G, Wording.LIGHTLY_EARMARKED),
    _preset("un-pooled", Instrument.POOLED, "C01", Modality.E, Wording.LIGHTLY_EARMARKED),
    _preset("project", Instrument.PROJECT_SPECIFIC, "C01", Modality.I, Wording.EARMARKED),
    _preset("donor-initiated", Instrument.PROJECT_SPECIFIC, "C01", Modality.L, Wording.EARMARKED),
    _preset("in-kind", Instrument.IN_KIND, "C01", Modality.K, Wording.EARMARKED),
    _preset("domestic", Instrument.LOCAL_RESOURCES, "C01", Modality.I, Wording.EARMARKED),
    _preset("vertical-fund", Instrument.VERTICAL, "C01", Modality.I, Wording.EARMARKED),
)
PRESET: Mapping[str, Earmarking] = {preset.preset: preset for preset in PRESETS}

#: Which categories an instrument can carry.
_INSTRUMENT_CATEGORIES: Mapping[Instrument, frozenset[Category]] = {
    Instrument.ASSESSED: frozenset({Category.UNEARMARKED}),
    Instrument.VOLUNTARY_CORE: frozenset({Category.UNEARMARKED}),
    Instrument.THEMATIC: frozenset({Category.SOFTLY_EARMARKED}),
    Instrument.PROGRAMME_SPECIFIC: frozenset({Category.SOFTLY_EARMARKED, Category.EARMARKED}),
    Instrument.POOLED: frozenset({Category.SOFTLY_EARMARKED}),
    Instrument.PROJECT_SPECIFIC: frozenset({Category.TIGHTLY_EARMARKED}),
    Instrument.IN_KIND: frozenset({Category.TIGHTLY_EARMARKED}),
    Instrument.LOCAL_RESOURCES: frozenset({Category.EARMARKED, Category.TIGHTLY_EARMARKED}),
    Instrument.VERTICAL: frozenset({Category.TIGHTLY_EARMARKED}),
}


def classify(
    preset: str,
    *,
    country_fund: bool = False,
    modality: str | None = None,
    aid_type: str | None = None,
    presets: Mapping[str, Earmarking] = PRESET,
    signed_on: date | None = None,
) -> tuple[Earmarking | None, tuple[Finding, ...]]:
    """The classification an agreement gets from its preset and what was overridden on it.

    ``country_fund`` says that pooled money comes from a country's fund (modality F instead of E); ``presets`` are the
    organisation's own, where it has edited them, offered or not on the day of signature. The result is None when the
    preset or the modality is unknown; otherwise it comes with every contradiction found.
    """
    chosen = presets.get(preset)
    if chosen is None:
        known = ", ".join(presets)
        return None, (_refuse("preset-unknown", preset, f"“{preset}” is not a preset; choose one of {known}"),)
    letter: str = modality or (Modality.F if country_fund and preset == "un-pooled" else chosen.modality)
    if letter not in Modality.__members__:
        message = f"“{letter}” is not an earmarking modality; they are the letters A to L"
        return None, (_refuse("modality-unknown", preset, message, pointer="/modality"),)
    result = Earmarking(
        preset=preset,
        instrument=chosen.instrument,
        aid_type=aid_type or chosen.aid_type,
        modality=Modality(letter),
        wording=chosen.wording,
        stated_category=chosen.stated_category if letter == chosen.modality else None,
        valid_from=chosen.valid_from,
        valid_to=chosen.valid_to,
    )
    return result, (*contradictions(result, subject=preset), *_not_offered(result, signed_on))


def _not_offered(preset: Earmarking, day: date | None) -> tuple[Finding, ...]:
    if day is None:
        return ()
    early = preset.valid_from is not None and day < preset.valid_from
    late = preset.valid_to is not None and day > preset.valid_to
    if not early and not late:
        return ()
    message = (
        f"“{preset.preset}” is offered from {preset.valid_from or 'ever'} to {preset.valid_to or 'now'}, not on {day}"
    )
    return (_refuse("preset-not-offered", preset.preset, message),)


def contradictions(earmarking: Earmarking, *, subject: str) -> tuple[Finding, ...]:
    """Everything in which the codes of a classification gainsay one another; empty when they agree."""
    found = []
    modality, category, aid_type = earmarking.modality, earmarking.category, earmarking.aid_type
    if earmarking.stated_category not in (None, category):
        found.append(
            _refuse(
                "category-of-modality",
                subject,
                f"modality {modality} belongs to category {category}, not {earmarking.stated_category}",
                pointer="/category",
            )
        )
    if aid_type not in AID_TYPES:
        message = f"“{aid_type}” is not a DAC aid type; leave it out to take the preset's"
        found.append(_refuse("aid-type-unknown", subject, message, pointer="/aid_type"))
    elif aid_type in CORE_AID_TYPES and category is not Category.UNEARMARKED:
        message = f"aid type {aid_type} is core funding, but modality {modality} ({modality.meaning}) is earmarked"
        found.append(_refuse("core-but-earmarked", subject, message, pointer="/aid_type"))
    elif aid_type not in CORE_AID_TYPES and category is Category.UNEARMARKED:
        message = f"modality {modality} ({modality.meaning}) is unearmarked, so its aid type is core, not {aid_type}"
        found.append(_refuse("unearmarked-but-not-core", subject, message, pointer="/aid_type"))
    instrument = earmarking.instrument
    if category not in _INSTRUMENT_CATEGORIES[instrument]:
        allowed = " or ".join(sorted(_INSTRUMENT_CATEGORIES[instrument]))
        message = f"the instrument {instrument} is of category {allowed}; modality {modality} is of category {category}"
        found.append(_refuse("instrument-of-category", subject, message, pointer="/modality"))
    if (modality is Modality.K) != (instrument is Instrument.IN_KIND):
        message = f"modality K and the instrument in-kind go together; here stand {modality} and {instrument}"
        found.append(_refuse("in-kind", subject, message, pointer="/modality"))
    return tuple(found)


def _refuse(rule: str, subject: str, message: str, *, pointer: str = "/preset") -> Finding:
    return Finding(
        rule=f"earmarking.{rule}", severity=Severity.ERROR, subject=subject, message=message, pointer=pointer
    )


def is_multi_annual(starts_on: date | None, ends_on: date | None) -> bool | None:
    """Whether an agreement runs 24 months or more, its last day included; None when a date is unknown."""
    if starts_on is None or ends_on is None:
        return None
    return day_after(ends_on) >= add_months(starts_on, 24)


def is_predictable(instalments: int) -> bool:
    """Whether an agreement has a schedule of instalments."""
    return instalments > 0


#: Partner category → IATI organisation type (the first is the default, the others are accepted when stated).
ORGANISATION_TYPES: Mapping[PartnerCategory, tuple[str, ...]] = {
    PartnerCategory.GOVERNMENT: ("10", "11", "15"),
    PartnerCategory.DOMESTIC_PUBLIC: ("10", "11", "15"),
    PartnerCategory.UN_ENTITY: ("40",),
    PartnerCategory.UN_POOLED_FUND: ("40",),
    PartnerCategory.IFI: ("40",),
    PartnerCategory.EU: ("40", "10", "15"),
    PartnerCategory.OTHER_IGO: ("40",),
    PartnerCategory.PRIVATE_SECTOR: ("70", "71", "72", "73", "30"),
    PartnerCategory.FOUNDATION: ("60", "21", "22"),
    PartnerCategory.PUBLIC_INSTITUTION: ("15", "10", "11", "80"),
    PartnerCategory.SOCIAL_PARTNER: ("22", "21", "23", "24"),
    PartnerCategory.EMPLOYERS_ORGANISATION: ("22", "21", "23", "24", "70"),
    PartnerCategory.WORKERS_ORGANISATION: ("22", "21", "23", "24"),
    PartnerCategory.OTHER_NON_STATE: ("22", "21", "23", "24", "80"),
    PartnerCategory.MULTI_DONOR: ("90", "30", "40"),
}

#: Categories whose partners are not States.
NON_STATE = frozenset(
    {
        PartnerCategory.PRIVATE_SECTOR,
        PartnerCategory.FOUNDATION,
        PartnerCategory.SOCIAL_PARTNER,
        PartnerCategory.EMPLOYERS_ORGANISATION,
        PartnerCategory.WORKERS_ORGANISATION,
        PartnerCategory.OTHER_NON_STATE,
    }
)


def funding_of(category: PartnerCategory) -> str:
    """Whether money of partners of a category is that of States, or of others."""
    return "non-state" if category in NON_STATE else "state"


#: Those screened before an agreement is signed: public institutions too, though their money is public.
SCREENED = NON_STATE | {PartnerCategory.PUBLIC_INSTITUTION}


#: IATI flow types that are no official development assistance
_PRIVATE_FLOW, _OTHER_FLOW = "30", "50"


def flow_type(category: PartnerCategory, preset: str | None = None) -> str | None:
    """The IATI flow type of a partner's money, where it is not what the activity says by default.

    Money of partners that are no State is private development finance; what a country pays for work at home is no flow
    of aid at all ("other flows"), whoever signs for it. None: the default of the activity holds.
    """
    if category in NON_STATE:
        return _PRIVATE_FLOW
    chosen = PRESET.get(preset or "")
    domestic = chosen is not None and chosen.instrument is Instrument.LOCAL_RESOURCES
    return _OTHER_FLOW if domestic or category is PartnerCategory.DOMESTIC_PUBLIC else None


def organisation_type(category: PartnerCategory) -> str:
    """The IATI organisation type of a partner category, when the partner states none."""
    return ORGANISATION_TYPES[category][0]


def organisation_type_findings(category: PartnerCategory, stated: str, *, subject: str) -> tuple[Finding, ...]:
    """A warning when a partner's own IATI type does not go with its category."""
    accepted = ORGANISATION_TYPES[category]
    if stated in accepted:
        return ()
    message = Told(
        "IATI type %(stated)s does not go with category %(category)s (type %(accepted)s)",
        stated=stated, category=Term(category), accepted=", ".join(accepted),
    )  # fmt: skip
    return (_warn("partner.type-of-category", subject, message, "/iati_type"),)


def _warn(rule: str, subject: str, message: str, pointer: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARNING, subject=subject, message=message, pointer=pointer)


def is_joint_un(preset: str, category: PartnerCategory | None) -> bool:
    """Whether the money comes through a UN pooled fund or joint programme."""
    chosen = PRESET.get(preset)
    return category is PartnerCategory.UN_POOLED_FUND or (chosen is not None and chosen.instrument is Instrument.POOLED)


def standard_support_rate(category: Category) -> Decimal:
    """The support-cost rate charged when an agreement names none: 7 % unearmarked, 13 % otherwise."""
    return STANDARD_RATE_UNEARMARKED if category is Category.UNEARMARKED else STANDARD_RATE_EARMARKED


@dataclass(frozen=True, kw_only=True, slots=True)
class SupportCost:
    """An amount taken apart: ``gross`` is always exactly ``net`` + ``charge``."""

    gross: Money
    #: Direct cost.
    net: Money
    charge: Money
    #: As a fraction: 0.13 is 13 %.
    rate: Decimal


def support_cost_of_net(net: Money, rate: Decimal) -> SupportCost:
    """From direct cost: 1,000,000 at 13 % is 1,130,000 gross. Always exact.

    :raises ValueError: for a rate below zero or of one and more (13 is not 13 %: write 0.13).
    """
    charge = net.times(_fraction(rate))
    return SupportCost(gross=net + charge, net=net, charge=charge, rate=rate)


def support_cost_of_gross(gross: Money, rate: Decimal) -> SupportCost:
    """From the amount of an agreement: 1,130,000 at 13 % is 1,000,000 net and 130,000 charge.

    Where the quotient does not end within the currency's minor unit, the net amount is rounded to it and the charge
    takes the rest.

    :raises ValueError: see :func:`support_cost_of_net`.
    """
    precise = WORKING.divide(gross.amount, EXACT.add(Decimal(1), _fraction(rate)))
    exact = EXACT.compare(WORKING.multiply(precise, EXACT.add(Decimal(1), rate)), gross.amount) == 0
    own = -int(gross.amount.as_tuple().exponent)
    places = max(own, minor_units(gross.currency))
    ends = exact and -int(precise.normalize(WORKING).as_tuple().exponent) <= places
    net = Money(precise if ends else round_minor(precise, gross.currency), gross.currency)
    return SupportCost(gross=gross, net=net, charge=gross - net, rate=rate)


def _fraction(rate: Decimal) -> Decimal:
    if not 0 <= rate < 1:
        raise ValueError(f"a support-cost rate is a fraction of one (0.13 for 13 %), not {plain(rate)}")
    return rate
