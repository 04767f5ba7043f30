"""A policy as YAML text; reading it again gives the same policy."""

from datetime import date
from decimal import Decimal

import yaml

from app.domain.evaluation.policy import (
    ALWAYS,
    OF_THE_CYCLE,
    ORGANISATION,
    Band,
    BudgetBand,
    Condition,
    DutyRule,
    Policy,
    Requirement,
    Rule,
    Rung,
    Window,
)
from app.domain.evaluation.terms import Mode
from app.domain.money import plain

Written = dict[str, object]


class _Dumper(yaml.SafeDumper):
    """Writes decimals as they are, without passing through a float."""


def _decimal(dumper: yaml.SafeDumper, figure: Decimal) -> yaml.ScalarNode:
    text = plain(figure)
    tag = "tag:yaml.org,2002:float" if "." in text else "tag:yaml.org,2002:int"
    return dumper.represent_scalar(tag, text)


_Dumper.add_representer(Decimal, _decimal)


def dump_policy(policy: Policy) -> str:
    """The policy as a file, in the order in which it is read best; what is usual is left out."""
    written = _without_none(
        {
            "policy": policy.id,
            "title": policy.title,
            "owner": None if policy.owner == ORGANISATION else policy.owner,
            "in_force": _span(policy.in_force_from, policy.in_force_to),
            "source": policy.source,
            "confidence": str(policy.confidence),
            "note": policy.note or None,
            "response_weeks": policy.response_weeks,
            "reserve_percent": policy.reserve_percent,
            "merge_review_within_months": policy.merge_review_months,
            "windows": {str(kind): _window(window) for kind, window in policy.windows.items()} or None,
            "ladders": {str(kind): [_rung(rung) for rung in rungs] for kind, rungs in policy.ladders.items()} or None,
            "rules": [_rule(rule) for rule in policy.rules] or None,
            "duties": [_duty(duty) for duty in policy.duties] or None,
        }
    )
    return yaml.dump(written, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _without_none(written: Written) -> Written:
    return {key: value for key, value in written.items() if value is not None}


def _span(first: date | None, last: date | None) -> Written | None:
    return _without_none({"from": first, "to": last}) or None


def _window(window: Window) -> Written:
    return {"opens": window.opens, "due": window.due, "late": window.late}


def _rung(rung: Rung) -> Written:
    return _without_none({"rung": rung.name, "months_before": rung.months_before, "ask": rung.ask or None})


def _rule(rule: Rule) -> Written:
    return _without_none(
        {
            "id": rule.id,
            "when": None if rule.condition == ALWAYS else _condition(rule.condition),
            "require": _requirement(rule.requirement),
            "source": rule.source,
            "confidence": str(rule.confidence),
            "valid": _span(rule.valid_from, rule.valid_to),
            "note": rule.note or None,
        }
    )


def _duty(duty: DutyRule) -> Written:
    return _without_none(
        {
            "id": duty.id,
            "title": duty.title,
            "obliges": str(duty.obliges),
            "codes": list(duty.codes) or None,
            "require": _requirement(duty.requirement),
            "every": str(duty.every),
            "times": duty.times,
            "due": None if duty.due is None else f"{duty.due[0]:02d}-{duty.due[1]:02d}",
            "source": duty.source,
            "confidence": str(duty.confidence),
            "note": duty.note or None,
        }
    )


def _condition(condition: Condition) -> Written:
    return _without_none(
        {
            "budget": None if condition.budget is None else _budget(condition.budget),
            "duration_months": None if condition.months is None else _band(condition.months),
            "pilot": condition.pilot,
            "phase_at_least": condition.phase_at_least,
            "funding": sorted(condition.funding) or None,
        }
    )


def _budget(budget: BudgetBand) -> Written:
    return {"currency": budget.currency, "basis": str(budget.basis), **_band(budget.band)}


def _band(band: Band) -> Written:
    return _without_none({band.lower_is: band.lower, band.upper_is: band.upper})


def _requirement(requirement: Requirement) -> Written:
    return _without_none(
        {
            "kind": str(requirement.kind),
            "independence": None if requirement.independence is None else str(requirement.independence),
            "mode": None if requirement.mode is Mode.REQUIRED else str(requirement.mode),
            "anchor": None if requirement.anchor is None else str(requirement.anchor),
            "window": None if requirement.window is None else _window(requirement.window),
            "or": [str(kind) for kind in requirement.or_kinds] or None,
            "once_in_cycle": _once_in_cycle(requirement),
            "response_weeks": requirement.response_weeks,
        }
    )


def _once_in_cycle(requirement: Requirement) -> bool | list[str] | None:
    kinds = requirement.once_in_cycle
    return True if kinds == OF_THE_CYCLE else [str(kind) for kind in kinds] or None
