"""What a provider says about a person, as a role and a unit of Earmark: a file of rules, and nothing else.

::

    roles:                      # the highest that fits: admin, publisher, evaluator, officer, viewer
      admin: [earmark-admin]
      evaluator: [EVAL-*]
      officer: [earmark-officers]
      viewer: ["*"]             # everybody; left out: people without a group are refused
    units: {unit-ROAF: ROAF, "unit-(.+)": "\\\\1"}
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from app.domain.terms import Role
from app.errors import UsageError

#: which role goes first when several fit
RANKS = (Role.ADMIN, Role.PUBLISHER, Role.EVALUATOR, Role.OFFICER, Role.VIEWER)
#: fits everybody, also those of whom no group is told
EVERYBODY = "*"
_FALLBACK = {"roles": ("roles", "groups")}
#: values that are shown of a claim, and characters of each
_SHOWN, _LONG = 20, 100

Claims = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of an office. Patterns of roles have ``*`` and ``?``; those of units are regular expressions."""

    roles: Mapping[Role, Sequence[str]]
    #: (pattern of the whole value, code of the unit, which may name groups of the pattern), the first that fits
    units: Sequence[tuple[re.Pattern[str], str]] = ()


#: where no file says otherwise
USUAL = Rules(roles={role: (f"earmark-{role.value}",) for role in RANKS})


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A claim that was looked at, with what the provider says in it; None: the claim is not there."""

    claim: str
    values: tuple[str, ...] | None

    @property
    def shown(self) -> str:
        """The values as a page shows them: not more than a person reads."""
        return ", ".join(value[:_LONG] for value in (self.values or ())[:_SHOWN])


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the claims give. ``missing`` names what keeps the person out: ``role``, ``groups-elsewhere``, ``unit``,
    ``several-units``; None: nothing does."""

    role: Role | None
    #: code of a unit; None: the claims limit the person to none
    unit: str | None
    missing: str | None
    looked: tuple[Looked, ...]


def read_rules(path: Path | None) -> Rules:
    """The rules of a file; the usual ones without a file.

    :raises UsageError: when it cannot be read or says something that is no rule.
    """
    # a variable that is set to nothing reads as the folder itself
    if path is None or path == Path():
        return USUAL
    try:
        content: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"EARMARK_OIDC_MAPPING: {path} cannot be read: {error}") from error
    return rules_of(content)


def rules_of(content: object) -> Rules:
    """The rules that a file holds.

    :raises UsageError: naming the place that is no rule.
    """
    if not isinstance(content, dict) or not isinstance(content.get("roles"), dict):
        raise _wrong("write `roles:` and below it each role with a list of groups")
    if unknown := sorted(str(name) for name in content if name not in ("roles", "units")):
        raise _wrong(f"there is no part {unknown[0]}: write roles and units")
    roles: dict[Role, tuple[str, ...]] = {}
    for name, patterns in content["roles"].items():
        if name not in list(Role):
            raise _wrong(f"roles: there is no role {name}; write {', '.join(RANKS)}")
        if not isinstance(patterns, list) or not all(isinstance(each, str) and each for each in patterns):
            raise _wrong(f"roles: write a list of groups for {name}, each as text")
        if EVERYBODY in patterns and name != Role.VIEWER:
            raise _wrong(f'roles: only viewer may be for everybody ("*"), not {name}')
        roles[Role(name)] = tuple(patterns)
    units = content.get("units") or {}
    if not isinstance(units, dict):
        raise _wrong("units: write each pattern with the code of a unit")
    return Rules(roles=roles, units=tuple(_unit_rule(pattern, code) for pattern, code in units.items()))


def _unit_rule(pattern: object, code: object) -> tuple[re.Pattern[str], str]:
    if not isinstance(pattern, str) or not isinstance(code, str) or not code:
        raise _wrong(f"units: {pattern!r} needs the code of a unit as text")
    try:
        compiled = re.compile(pattern)
        # shows whether the code names groups that the pattern has
        re.compile(f"(?:{pattern})|").sub(code, "")
    except (re.error, IndexError) as error:
        raise _wrong(f"units: {pattern!r} and {code!r} do not fit together: {error}") from error
    return compiled, code


def _wrong(what: str) -> UsageError:
    return UsageError(f"EARMARK_OIDC_MAPPING: {what}.")


def outcome(rules: Rules, claims: Claims, *, roles_claim: str, unit_claim: str) -> Given:
    """The role and the unit of a person of whom a provider says ``claims``. No ``unit_claim``: no unit is read."""
    looked: list[Looked] = []
    for name in _FALLBACK.get(roles_claim, (roles_claim,)):
        looked.append(Looked(claim=name, values=_values(claims, name)))
        if looked[-1].values is not None:
            break
    groups = looked[-1].values or ()
    role = next((rank for rank in RANKS if _fits(rules.roles.get(rank, ()), groups)), None)
    elsewhere = claims.get("_claim_names")
    if isinstance(elsewhere, Mapping) and looked[-1].values is None and looked[-1].claim in elsewhere:
        # the person has so many groups that the provider names none: to judge by none would be wrong
        return Given(role=None, unit=None, missing="groups-elsewhere", looked=tuple(looked))
    if role is None:
        return Given(role=None, unit=None, missing="role", looked=tuple(looked))
    if role is not Role.OFFICER or not unit_claim:
        return Given(role=role, unit=None, missing=None, looked=tuple(looked))
    looked.append(Looked(claim=unit_claim, values=_values(claims, unit_claim)))
    units = _units(rules, looked[-1].values or ())
    if len(units) == 1:
        return Given(role=role, unit=units[0], missing=None, looked=tuple(looked))
    # an officer without a unit may change everything: nobody becomes that by a claim that is not there
    return Given(role=role, unit=None, missing="several-units" if units else "unit", looked=tuple(looked))


def _fits(patterns: Sequence[str], groups: Sequence[str]) -> bool:
    return EVERYBODY in patterns or any(fnmatchcase(group, pattern) for pattern in patterns for group in groups)


def _units(rules: Rules, values: Sequence[str]) -> list[str]:
    """Codes of units, each once: those of the first rule that fits anything. Without rules a value is the code."""
    if not rules.units:
        return list(dict.fromkeys(values))
    for pattern, code in rules.units:
        found = [match.expand(code) for value in values if (match := pattern.fullmatch(value)) is not None]
        if found:
            return list(dict.fromkeys(found))
    return []


def _values(claims: Claims, name: str) -> tuple[str, ...] | None:
    """The texts of a claim, one or a list of them. Its whole name goes before a way inwards along dots."""
    found: object = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        found = [found]
    if isinstance(found, list):
        return tuple(each for each in found if isinstance(each, str) and each.isprintable())
    return None
