"""What was given, grouped: the ground of the reports on approvals, contributors, earmarking and support cost."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.contributions import Basis, Kind, Tie, kind_of, yearly_growth
from app.domain.earmarking import Category, funding_of, is_joint_un, is_multi_annual, standard_support_rate
from app.domain.money import EXACT, MissingRate, Money, Rates, Total, total
from app.domain.partners import portion
from app.domain.periods import FiscalCalendar, Period, day_after
from app.domain.purposes import objective_of
from app.domain.terms import PartnerCategory
from app.reports import queries_contributions as queries
from app.reports.delivery_keys import fund_of
from app.reports.exchange import rates_used
from app.reports.frame import RateUsed, Request
from app.reports.options import chosen
from app.reports.printing import percent
from app.reports.queries_classes import FUNDS
from app.reports.queries_contributions import AgreementFacts, Asked, GivenSum, PartnerFacts, Stated

#: values of the grouping dimensions, in their order
Key = tuple[str | None, ...]

#: no dimension tells where money goes
NO_PLACES: Mapping[str, Callable[["Put"], str | None]] = {}
#: what a row is called whose money names no agreement
NOT_ATTRIBUTED = "not attributed"
#: option that narrows a report down to partners of one category
CATEGORY = "category"
#: what a row is called that takes together what ``top`` leaves out; no code holds a space
OTHERS = "all others"


@dataclass(frozen=True, kw_only=True, slots=True)
class Put:
    """Where money goes: the unit of a project, and its country or region; and for what: its sector and outcome, and the
    type of assistance."""

    unit: str | None = None
    place: str | None = None
    sector: str | None = None
    outcome: str | None = None
    assistance: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """An amount of one agreement in a stretch of time."""

    #: None: it names none
    agreement: AgreementFacts | None
    tie: Tie | None
    #: first day of the stretch
    since: dt.date
    #: as stated: of approvals with or without support cost
    money: Money
    #: day of its rate of exchange
    day: dt.date
    #: how the amount was stated when it was decided; None: as the agreement states its amounts
    stated: Stated | None = None
    #: where it goes; None: that was not asked
    put: Put | None = None

    @property
    def kind(self) -> Kind | None:
        return self.tie.kind if self.tie else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Giving:
    """Pieces of all periods asked for, and how they come to one currency."""

    pieces: Sequence[Piece]
    currency: str
    rates: Rates
    used: tuple[RateUsed, ...]

    @property
    def derived(self) -> bool:
        """Whether amounts are converted, or shared out over places."""
        return any(piece.put is not None or piece.money.currency != self.currency for piece in self.pieces)

    def rates_of(self, pieces: Iterable[Piece]) -> tuple[RateUsed, ...]:
        """The rates that the sums of these pieces rest on."""
        return rates_used(((piece.money.currency, piece.day) for piece in pieces), self.currency, self.rates)

    def sum(self, pieces: Iterable[Piece], *periods: Period) -> Total:
        """The pieces of the periods (of all, if none is named), in the report's currency."""
        counted = (
            (piece.money, piece.day)
            for piece in pieces
            if not periods or any(piece.since in period for period in periods)
        )
        return total(counted, self.currency, self.rates)


def gather(
    session: Session,
    request: Request,
    basis: Basis,
    periods: Sequence[Period],
    *,
    fiscal: FiscalCalendar | None = None,
    stated: bool = False,
) -> Giving:
    """Amounts of the periods by agreement, of every kind of money.

    With ``fiscal`` the years of the periods are told apart too. Approvals are gross, unless they are to be as
    ``stated``. Memory follows the number of agreements. Where the request has the option ``category``, only what
    partners of that category give.

    :raises InvalidInput: when there is no such category.
    """
    only = category_asked(request)
    edges = {day for period in periods for day in (period.start, day_after(period.end))}
    if fiscal is not None:
        edges |= {year.start for period in periods for year in fiscal.years_of(period)}
    starts = sorted(edges)
    facts = queries.agreements(session, as_of=request.as_of, recorded_at=request.recorded_at)
    several = any(len(fact.parts) > 1 for fact in facts.values())
    asked = Asked(
        starts=starts,
        since=min(period.start for period in periods),
        until=max(period.end for period in periods),
        currency=request.currency,
        as_of=request.as_of,
        recorded_at=request.recorded_at,
        several=several,
    )
    pooled = queries.pooled_presets(session)
    ties = {key: tie_of(fact, pooled) for key, fact in facts.items()}
    partners = {each.code: each for each in queries.partners(session)} if several else {}
    payers = {each.organisation_id: each.code for each in partners.values()}
    pieces: list[Piece] = []
    for row in _SUMS[basis](session, asked):
        if not row.amount:
            # a decision that left the amount as it was, such as a cancellation, gives nobody a place in the report
            continue
        fact = None if row.agreement_id is None else facts[row.agreement_id]
        since = starts[row.interval - 1]
        money = Money(row.amount, row.currency)
        if basis is Basis.APPROVALS and fact is not None and not stated:
            money = gross(money, row.stated or fact, fact.category)
        tie = None if fact is None else ties[fact.id]
        day = row.rate_day or since
        piece = Piece(agreement=fact, tie=tie, since=since, money=money, day=day, stated=row.stated)
        if fact is None or len(fact.parts) == 1:
            pieces.append(piece)
        else:
            payer = None if row.payer is None else payers.get(row.payer)
            pieces += _by_partner(piece, fact, partners, payer, pooled)
    inside = [piece for piece in pieces if any(piece.since in period for period in periods) and _is_of(piece, only)]
    rates = stored_rates(session, recorded_at=request.recorded_at)
    used = rates_used(((piece.money.currency, piece.day) for piece in inside), request.currency, rates)
    return Giving(pieces=inside, currency=request.currency, rates=rates, used=used)


def category_asked(request: Request) -> PartnerCategory | None:
    """The category of partners that a report is narrowed down to; None: it is not.

    :raises InvalidInput: when there is no such category.
    """
    if CATEGORY not in request.options:
        return None
    return PartnerCategory(chosen(request, CATEGORY, [each.value for each in PartnerCategory], ""))


def only_category(request: Request) -> list[str]:
    """The same in a sentence, where it is narrowed down."""
    category = category_asked(request)
    return [] if category is None else [f"Only {CATEGORY} {category.value}."]


def _is_of(piece: Piece, category: PartnerCategory | None) -> bool:
    """Whether a piece is of a partner of the category; what names no agreement is nobody's."""
    return category is None or (piece.agreement is not None and piece.agreement.partner_category is category)


def _by_partner(
    piece: Piece,
    fact: AgreementFacts,
    partners: Mapping[str, PartnerFacts],
    payer: str | None,
    pooled: frozenset[str],
) -> list[Piece]:
    """The piece of an agreement of several partners, shared out among them; what one of them paid itself is its own.

    ``pooled``: the presets for money from pooled funds.
    """
    found = []
    for code, _ in fact.parts:
        if part := portion(fact.parts, code, payer):
            partner = partners[code]
            own = replace(fact, partner=code, partner_category=partner.category, subcategory=partner.subcategory)
            # whether it is joint follows who gives it, not who leads
            found.append(replace(piece, agreement=own, tie=tie_of(own, pooled), money=piece.money.times(part)))
    return found


_SUMS: Mapping[Basis, Callable[[Session, Asked], list[GivenSum]]] = {
    Basis.APPROVALS: queries.approved_sums,
    Basis.RECEIPTS: queries.received_sums,
    Basis.EXPENDITURE: queries.spent_sums,
}


def tie_of(fact: AgreementFacts, pooled: frozenset[str]) -> Tie:
    preset = fact.preset or ""
    return Tie(
        kind=kind_of(fact.wording, fact.category),
        category=fact.category,
        wording=fact.wording,
        multi_annual=is_multi_annual(fact.starts_on, fact.ends_on),
        predictable=fact.has_schedule,
        joint_un=preset in pooled or is_joint_un(preset, fact.partner_category),
    )


def gross(money: Money, stated: Stated | AgreementFacts, category: int) -> Money:
    """An amount of an agreement with the support cost on top, where it is stated without."""
    if stated.gross:
        return money
    return money.times(EXACT.add(Decimal(1), agreed_rate(stated, category)))


def agreed_rate(stated: Stated | AgreementFacts, category: int) -> Decimal:
    """The support-cost rate as a fraction; the standard one where none was agreed."""
    if stated.support_cost_rate is None:
        return standard_support_rate(Category(str(category)))
    return stated.support_cost_rate.scaleb(-2)


#: dimension → what an agreement says of it
_SAYS: Mapping[str, Callable[[AgreementFacts, Tie], str | None]] = {
    "partner": lambda fact, _: fact.partner,
    "subcategory": lambda fact, _: fact.subcategory,
    "objective": lambda fact, _: objective_of(fact.earmarked_for, fact.earmarked_for_refs),
    "agreement": lambda fact, _: fact.reference,
    "modality": lambda fact, _: fact.modality,
    "preset": lambda fact, _: fact.preset,
    FUNDS: lambda _, tie: fund_of(tie.kind),
    "funding": lambda fact, _: funding_of(fact.partner_category),
    "joint-un": lambda _, tie: "yes" if tie.joint_un else "no",
}


def grouped(
    pieces: Iterable[Piece],
    by: Sequence[str],
    *,
    fiscal: FiscalCalendar,
    category: Callable[[AgreementFacts], str] = lambda fact: fact.partner_category.value,
    places: Mapping[str, Callable[[Put], str | None]] = NO_PLACES,
) -> dict[Key, list[Piece]]:
    """Pieces by the values of the dimensions, in the order of the values; ``category``: what that word means here;
    ``places``: dimensions of where they were put."""
    found: dict[Key, list[Piece]] = defaultdict(list)
    for piece in pieces:
        values: list[str | None] = []
        for name in by:
            if name == "year":
                values.append(fiscal.year_of(piece.since).label)
            elif piece.agreement is None or piece.tie is None:
                values.append(NOT_ATTRIBUTED)
            elif name == "category":
                values.append(category(piece.agreement))
            elif name in places and piece.put is not None:
                values.append(places[name](piece.put))
            else:
                values.append(_SAYS[name](piece.agreement, piece.tie))
        found[tuple(values)].append(piece)
    return dict(sorted(found.items(), key=lambda item: [(value is None, value or "") for value in item[0]]))


def largest_first(
    groups: Mapping[Key, list[Piece]], sums: Mapping[Key, Total], *, top: int | None
) -> dict[Key, list[Piece]]:
    """Groups in the order of their sums, equals in that of their values; beyond ``top`` they are one group."""
    order = sorted(groups, key=lambda key: (sums[key].amount is None, -(sums[key].amount or Decimal(0))))
    kept = order if top is None else order[:top]
    found = {key: groups[key] for key in kept}
    left = order[len(kept) :]
    if left:
        others: Key = (OTHERS, *(None for _ in left[0][1:]))
        found[others] = [piece for key in left for piece in groups[key]]
    return found


def growth_of(giving: Giving, pieces: Iterable[Piece], periods: Sequence[Period]) -> str | None:
    """By how many percent the pieces grew each year on average, from the first of the periods to the last."""
    own, first, last = list(pieces), periods[0], periods[-1]
    before, after = giving.sum(own, first).amount, giving.sum(own, last).amount
    months = (last.start.year - first.start.year) * 12 + last.start.month - first.start.month
    return None if before is None or after is None else percent(yearly_growth(before, after, months))


def missing_rates(sums: Iterable[Total]) -> tuple[str, ...]:
    """Rates of exchange that are missing, each once, in sentences."""
    return missing_told(rate for each in sums for rate in each.missing)


def missing_told(rates: Iterable[MissingRate]) -> tuple[str, ...]:
    """Rates of exchange that are missing, each once, in sentences."""
    return tuple(f"There is {rate}." for rate in dict.fromkeys(rates))
