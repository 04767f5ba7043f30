"""``earmark evaluations policy``: the rules that say which evaluations are owed."""

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.context import AsOf, cell, counted, day, one_of, opened, print_json, progress, reopened, say, table
from app.domain.access import LOCAL
from app.domain.findings import Finding, refused
from app.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlmodel import Session

    from app.evaluations.policies.service import OwedShown

app = typer.Typer(no_args_is_help=True, help="Evaluation policies: list, show, check, compare, load, retire.")

PolicyFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Policy file (YAML), or the name of one that ships, such as example-fao.")
]


def say_where_they_come_from(used: frozenset[str]) -> None:
    from app.evaluations.policies.shipped import shipped

    if not used:
        say("No evaluation policy is in use, so no evaluation falls due: load your own, or one that ships.")
    examples = ", ".join(name for name in shipped() if name not in used)
    say(f"Shipped as examples, and ruling nothing: {examples} (see earmark evaluations policy show NAME|--template).")


def say_left(left: tuple[str, ...], before: str, after: str) -> None:
    """Tells an organisation that has another identifier now which rules stay in force that nobody chose for it."""
    if left:
        names = ", ".join(left)
        say(f"STILL IN FORCE, as given to {before} and not chosen for {after}: the evaluation policies {names}.")
    for name in left:
        say(f"To end it: earmark evaluations policy retire {name}")


@app.command("list")
def list_(
    format_: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    rules: Annotated[bool, typer.Option("--rules", help="Every rule with its source and confidence.")] = False,
) -> int:
    """List the policies in use."""
    from app.evaluations.policies.rulebook import in_use

    one_of("--format", format_, ("table", "json"))
    with _reading_if_set_up() as session:
        used = in_use(session).policies if session is not None else {}
    policies = sorted(used.values(), key=lambda policy: (policy.owner, str(policy.in_force_from), policy.id))
    if format_ == "json":
        print_json(
            [
                {
                    "policy": policy.id,
                    "title": policy.title,
                    "owner": policy.owner,
                    "in_force_from": cell(policy.in_force_from) or None,
                    "in_force_to": cell(policy.in_force_to) or None,
                    "source": policy.source,
                    "confidence": policy.confidence.value,
                    "rules": [
                        {
                            "id": rule.id,
                            "kind": rule.requirement.kind.value,
                            "source": rule.source,
                            "confidence": rule.confidence.value,
                        }
                        for rule in policy.rules
                    ],
                }
                for policy in policies
            ]
        )
    elif rules:
        cells = [
            [policy.id, rule.id, rule.requirement.kind.value, rule.confidence.value, rule.source]
            for policy in policies
            for rule in policy.rules
        ]
        print(table(["policy", "rule", "kind", "confidence", "source"], cells))
    else:
        cells = [
            [
                policy.id,
                policy.owner,
                cell(policy.in_force_from),
                cell(policy.in_force_to),
                str(len(policy.rules)),
                policy.confidence.value,
                policy.title,
            ]
            for policy in policies
        ]
        print(table(["policy", "owner", "from", "to", "rules", "confidence", "title"], cells))
        say_where_they_come_from(frozenset(used))
    return 0


@contextmanager
def _reading_if_set_up() -> "Iterator[Session | None]":
    """Reads the database; None where there are no tables yet, since policies are looked at before one is chosen."""
    from app.db import schema

    with opened(any_state=True) as database:
        if schema.current(database) is None:
            yield None
            return
        schema.require_current(database)
        with database.read() as session:
            yield session


def _text_of(file: Path) -> str:
    from app.evaluations.policies.shipped import shipped, shipped_text

    if not file.exists() and str(file) in shipped():
        return shipped_text(str(file))
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text") from error


@app.command("show")
def show(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Id of a policy, in use or shipped.")] = None,
    template: Annotated[
        bool, typer.Option("--template", help="A commented policy to write your own from, instead of NAME.")
    ] = False,
) -> int:
    """Print a policy as its file: one in use, one that ships as an example, or a template."""
    from app.evaluations.policies.service import show_policy, show_shipped
    from app.evaluations.policies.shipped import template_text

    if (name is None) is not template:
        raise UsageError("name the policy to show, or ask for --template")
    if template:
        sys.stdout.write(template_text())
        return 0
    with _reading_if_set_up() as session:
        shown = show_policy(session, name or "") if session is not None else show_shipped(name or "")
    sys.stdout.write(shown.text)
    say(shown.standing)
    return 0


@app.command("retire")
def retire(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Id of a policy in use.")],
    last_day: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="It goes on ruling what was signed until this day (default: it ends whole)."),
    ] = None,
    as_of: AsOf = None,
) -> int:
    """End a policy: it rules nothing any more, or nothing that is signed after a last day."""
    from app.evaluations.obligations.recompute import refresh
    from app.evaluations.policies.service import policy_named, retire_policy

    today, until = day(as_of), day(last_day) if last_day else None
    with opened() as database:
        with database.write(LOCAL.name) as session:
            retire_policy(session, LOCAL, policy_named(session, name), last_day=until)
        with progress("Judging projects") as update:
            outcome = refresh(database, today, cause=f"policy {name} was retired", progress=update, reopened=reopened)
    done = f"rules what is signed until {until}" if until else "rules nothing any more"
    say(f"{name} {done}; the obligations of {counted(outcome.changed, 'project')} changed. To undo: load it again.")
    return 0


@app.command("check")
def check(file: PolicyFile, format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text") -> int:
    """Check a policy file by itself and beside the policies in use; prints every finding with its line."""
    from app.evaluations.policies.service import check_policy, finding_as_dict

    one_of("--format", format_, ("text", "json"))
    text = _text_of(file)
    with _reading_if_set_up() as session:
        beside = session is not None
        checked = check_policy(session, text, name=file.name)
    if format_ == "json":
        print_json([finding_as_dict(finding) for finding in checked.findings])
    else:
        for finding in checked.findings:
            print(_finding_line(file, finding))
        if not refused(checked.findings):
            say(f"The policy can be loaded{', but look at the above' if checked.findings else ' as it is'}.")
    if not beside:
        say("It was checked by itself: there is no database set up whose policies it could stand beside.")
    return 1 if refused(checked.findings) else 0


def _finding_line(file: Path, finding: Finding) -> str:
    place = f"{file}:{finding.line}" if finding.line else str(file)
    return f"{place}: {finding.severity.value}: {finding.message} [{finding.rule}]"


@app.command("load")
def load(
    file: PolicyFile,
    activation: Annotated[
        str | None, typer.Option(metavar="DATE", help="Nobody is told of alerts from before this day (today).")
    ] = None,
    decided_on: Annotated[
        str | None, typer.Option(metavar="DATE", help="A changed policy judges from this day on (today).")
    ] = None,
    in_retrospect: Annotated[
        bool, typer.Option("--in-retrospect", help="It corrects the one before, as if that had never been.")
    ] = False,
    as_of: AsOf = None,
) -> int:
    """Load a policy: from now on it rules the projects signed while it is in force.

    Of one that is loaded already this is a newer version: what was owed by the former one until then stays as it was.
    """
    from app.evaluations.obligations.recompute import refresh
    from app.evaluations.policies.service import check_policy, put_policy

    text, today = _text_of(file), day(as_of)
    with opened() as database:
        with database.write(LOCAL.name) as session:
            for finding in check_policy(session, text, name=file.name).findings:
                if not finding.severity.refuses:
                    say(_finding_line(file, finding))
            put = put_policy(
                session,
                LOCAL,
                text,
                today=today,
                activation_on=day(activation) if activation else None,
                decided_on=day(decided_on) if decided_on else None,
                in_retrospect=in_retrospect,
            )
            code = put.row.code
        with progress("Judging projects") as update:
            outcome = refresh(database, today, cause=f"policy {code} was loaded", progress=update, reopened=reopened)
    done = {"created": "is new", "updated": "replaces its former version", "unchanged": "was loaded already"}
    say(f"{code} {done[put.outcome]}; the obligations of {counted(outcome.changed, 'project')} changed.")
    return 0


@app.command("compare")
def compare(
    file: PolicyFile,
    as_of: AsOf = None,
    format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> int:
    """Tell what loading this policy would change, and what it would change if it ruled every running project."""
    from app.evaluations.policies.service import compare as effects
    from app.evaluations.policies.service import effect_as_dict, understood

    one_of("--format", format_, ("text", "json"))
    text, looked_from = _text_of(file), day(as_of)
    with opened() as database, database.read() as session:
        policy = understood(session, text)
        with progress("Judging projects") as update:
            told = effects(session, policy, looked_from, progress=update)
            found = [effect_as_dict(effect) for effect in told]
    if format_ == "json":
        print_json({"policy": policy.id, "as_of": looked_from.isoformat(), "projects": found})
        return 0
    cells = []
    for one in found:
        project, when = one["project"], "on loading" if one["on_loading"] else "if it ruled all"
        cells += [[project, when, "new", _said(owed), ""] for owed in one["added"]]
        cells += [[project, when, "gone", "", _said(owed)] for owed in one["removed"]]
        cells += [[project, when, "changed", _said(both["to"]), _said(both["from"])] for both in one["changed"]]
        cells += [[project, when, "cannot tell", unknown["reason"], ""] for unknown in one["no_longer_known"]]
        cells += [[project, when, "can be told", "", unknown["reason"]] for unknown in one["now_known"]]
    print(table(["project", "when", "what", "with this policy", "now"], cells))
    loaded = sum(one["on_loading"] for one in found)
    say(
        f"Loading {policy.id} as of {looked_from} would change {loaded} projects, by the days it is in force; "
        f"ruling every running project by it would change {len(found) - loaded} more."
    )
    return 0


def _said(owed: "OwedShown") -> str:
    return f"{owed['kind']}, {owed['independence']}, due {owed['due']}"
