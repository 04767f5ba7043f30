"""The logframe below a result as rows: loaded whole in four statements, changed in place."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from app.db.base import key
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.domain import results
from app.results import queries
from app.results.schemas import FullIndicator, FullPeriod


@dataclass(kw_only=True, slots=True)
class LoadedPeriod:
    row: IndicatorPeriod
    values: list[PeriodValue] = field(default_factory=list)

    def value(self, kind: str) -> PeriodValue | None:
        """The first value of the kind (target, actual) that is not for some dimension only."""
        return next((row for row in self.values if row.kind == kind and not row.dimensions), None)


@dataclass(kw_only=True, slots=True)
class LoadedIndicator:
    row: Indicator
    baselines: list[Baseline] = field(default_factory=list)
    periods: list[LoadedPeriod] = field(default_factory=list)


def load(session: Session, result_ids: Sequence[int]) -> dict[int, list[LoadedIndicator]]:
    """Indicators by the key of their result. Four statements, whatever the number of results."""
    loaded: dict[int, list[LoadedIndicator]] = defaultdict(list)
    rows = queries.indicators(session, result_ids)
    by_id = {key(row): LoadedIndicator(row=row) for row in rows}
    for baseline in queries.baselines(session, by_id):
        by_id[baseline.indicator_id].baselines.append(baseline)
    periods = {key(row): LoadedPeriod(row=row) for row in queries.periods(session, by_id)}
    for value in queries.values(session, periods):
        periods[value.period_id].values.append(value)
    for period in periods.values():
        by_id[period.row.indicator_id].periods.append(period)
    for indicator in by_id.values():
        loaded[indicator.row.result_id].append(indicator)
    return loaded


def add_indicator(session: Session, result: Result, title: str, measure: str, ordinal: int) -> LoadedIndicator:
    row = Indicator(result_id=key(result), ordinal=ordinal, measure=measure, title=title)
    session.add(row)
    session.flush()
    return LoadedIndicator(row=row)


def set_baseline(session: Session, indicator: LoadedIndicator, year: int, value: str | None) -> bool:
    """Sets the first baseline; returns whether anything changed. What a qualitative one says becomes its comment."""
    measure = indicator.row.measure
    if not indicator.baselines:
        value, comment = results.kept(measure, value)
        row = Baseline(indicator_id=key(indicator.row), ordinal=0, year=year, value=value, comment=comment)
        session.add(row)
        indicator.baselines.append(row)
        return True
    kept = indicator.baselines[0]
    if (kept.year, results.told(measure, kept.value, kept.comment)) == (year, value):
        return False
    kept.year = year
    kept.value, kept.comment = results.kept(measure, value, None if measure == results.QUALITATIVE else kept.comment)
    return True


def set_period(session: Session, indicator: LoadedIndicator, body: FullPeriod, asked: frozenset[str]) -> bool:
    """Sets target and actual, of those that ``asked`` names, of the period with these days."""
    days = (body.period_start, body.period_end)
    period = next((kept for kept in indicator.periods if (kept.row.starts_on, kept.row.ends_on) == days), None)
    changed = period is None
    if period is None:
        row = IndicatorPeriod(
            indicator_id=key(indicator.row), ordinal=len(indicator.periods), starts_on=days[0], ends_on=days[1]
        )
        session.add(row)
        session.flush()
        period = LoadedPeriod(row=row)
        indicator.periods.append(period)
    for kind in ("target", "actual"):
        if kind in asked:
            changed |= _set_value(session, indicator.row.measure, period, kind, getattr(body, kind))
    return changed


def _set_value(session: Session, measure: str, period: LoadedPeriod, kind: str, text: str | None) -> bool:
    kept = period.value(kind)
    if kept is None:
        if text is None:
            return False
        value, comment = results.kept(measure, text)
        row = PeriodValue(
            period_id=key(period.row), kind=kind, ordinal=len(period.values), value=value, comment=comment
        )
        session.add(row)
        period.values.append(row)
        return True
    if results.told(measure, kept.value, kept.comment) == text:
        return False
    if text is None:
        session.delete(kept)
        period.values.remove(kept)
    else:
        comment = None if measure == results.QUALITATIVE else kept.comment
        kept.value, kept.comment = results.kept(measure, text, comment)
    return True


def replace(session: Session, result: Result, kept: Sequence[LoadedIndicator], wanted: Sequence[FullIndicator]) -> None:
    """Makes the indicators exactly those wanted, matched by their titles; what a file said further of them stays."""
    free = list(kept)
    for ordinal, body in enumerate(wanted):
        indicator = next((one for one in free if one.row.title == body.indicator), None)
        if indicator is None:
            indicator = add_indicator(session, result, body.indicator, body.measure, ordinal)
        else:
            free.remove(indicator)
        row = indicator.row
        row.ordinal, row.measure, row.ascending = ordinal, body.measure, body.ascending
        _replace_baseline(session, indicator, body)
        days = [(period.period_start, period.period_end) for period in body.periods]
        for period in [one for one in indicator.periods if (one.row.starts_on, one.row.ends_on) not in days]:
            _remove_period(session, period)
            indicator.periods.remove(period)
        for wanted_period in body.periods:
            set_period(session, indicator, wanted_period, frozenset({"target", "actual"}))
    for indicator in free:
        _remove_indicator(session, indicator)
    session.flush()


def _replace_baseline(session: Session, indicator: LoadedIndicator, body: FullIndicator) -> None:
    if body.baseline is None:
        for row in indicator.baselines:
            session.delete(row)
        return
    set_baseline(session, indicator, body.baseline.year, body.baseline.value)
    row = indicator.baselines[0]
    row.value, row.comment = results.kept(body.measure, body.baseline.value, body.baseline.comment)


def _remove_period(session: Session, period: LoadedPeriod) -> None:
    for value in period.values:
        session.delete(value)
    session.flush()
    session.delete(period.row)


def _remove_indicator(session: Session, indicator: LoadedIndicator) -> None:
    for period in indicator.periods:
        _remove_period(session, period)
    for baseline in indicator.baselines:
        session.delete(baseline)
    session.flush()
    session.delete(indicator.row)
