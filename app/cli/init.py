"""``earmark init``: who the organisation is, how it counts its years, and which evaluation policy it chose."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import ConfigDict, TypeAdapter, ValidationError

from app.cli.context import opened, say, show_error
from app.cli.policies import say_left
from app.errors import EarmarkError, Fault, InvalidInput, UsageError
from app.inputs import faults as input_faults
from app.organisation.schemas import SetupIn

Answer = TypeVar("Answer")

#: answers to the question for a policy that are no names
_NONE, _START = "none", "start"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    """What a terminal is asked for a field of the set-up."""

    field: str
    text: str
    #: what an empty answer means; None: it is asked again
    usual: str | None = None


_NEEDED = (
    _Question(field="org_id", text="IATI identifier of the organisation (such as XM-DAC-41302)"),
    _Question(field="name", text="Name of the organisation"),
    _Question(field="type", text="IATI organisation type (10 government, 21 international NGO, 40 multilateral, …)"),
    _Question(field="currency", text="Currency of reports and budgets (such as USD)"),
)
_YEAR = _Question(
    field="fiscal_year_start",
    text="Month in which your fiscal year starts, 1 to 12; budgets and reports by year follow it [1: January]",
    usual="1",
)
_POLICIES = """
Evaluation policy: the rules that say which projects need an evaluation, and when it is due. You may answer
  none    no rules: no evaluation falls due until you load some
  start   the rules of another organisation as a start to be adapted ({start})
  NAME    one that ships as an example: {names}
  FILE    a file of your own (`earmark evaluations policy show --template` prints one with comments)"""


def init(
    org_id: Annotated[str | None, typer.Option(help="IATI identifier of the organisation.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the organisation.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="IATI organisation type, such as 40.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of reports and budgets, such as USD.")] = None,
    language: Annotated[str, typer.Option(help="Language of texts that name none.")] = "en",
    languages: Annotated[str, typer.Option(help="Languages the organisation publishes in, such as en,fr,es.")] = "",
    fiscal_year_start: Annotated[
        int | None, typer.Option(help="Month in which the fiscal year starts (usual: 1).")
    ] = None,
    biennium: Annotated[str, typer.Option(help="Years in which biennia start: even or odd.")] = "even",
    policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="none|start|NAME|FILE",
            help="Evaluation policy (repeatable): none (usual), shipped ones as a start, one of them by name, a file.",
        ),
    ] = None,
    flow_type: Annotated[str | None, typer.Option(help="Default IATI flow type.")] = None,
    finance_type: Annotated[str | None, typer.Option(help="Default IATI finance type.")] = None,
    tied_status: Annotated[str | None, typer.Option(help="Default IATI tied status.")] = None,
    aid_type: Annotated[str | None, typer.Option(help="Default DAC type of aid.")] = None,
    second_person: Annotated[
        bool, typer.Option("--second-person", help="Releases are approved by a second person.")
    ] = False,
) -> int:
    """Set the organisation up (and the tables, when there are none). On a terminal it asks for what no option says."""
    given: dict[str, object] = {"org_id": org_id, "name": name, "type": type_, "currency": currency}
    missing = [question for question in _NEEDED if given[question.field] is None]
    if missing and not sys.stdin.isatty():
        raise UsageError("init needs " + ", ".join(f"--{one.field.replace('_', '-')}" for one in missing))
    if biennium not in {"even", "odd"}:
        raise UsageError("--biennium takes even or odd")
    values = {field: value for field, value in given.items() if value is not None}
    values |= {
        "language": language,
        "languages": [each.strip() for each in languages.split(",") if each.strip()],
        "biennium_starts_even": biennium == "even",
        "default_flow_type": flow_type,
        "default_finance_type": finance_type,
        "default_tied_status": tied_status,
        "default_aid_type": aid_type,
        "approval_by_second_person": second_person,
    }
    if fiscal_year_start is not None:
        values["fiscal_year_start"] = fiscal_year_start
    elif missing:
        missing.append(_YEAR)
    texts = None if policy is None else tuple(text for answer in policy for text in _texts(answer))
    return _set_up(values, missing, texts)


def _set_up(values: dict[str, object], questions: list[_Question], texts: tuple[str, ...] | None) -> int:
    from app.db import schema
    from app.domain.access import LOCAL
    from app.domain.codes import unknown_prefix
    from app.founding import found, given_and_left, given_policies, identifier_before, texts_of

    if not questions:
        # what is wrong is told before any table is made
        _body(values)
    with opened(any_state=True) as database:
        # and, as far as it was said by options, before anything is asked
        _raise_about(set(values), values)
        if schema.current(database) is None:
            schema.migrate(database)
        schema.require_current(database)
        with database.read() as session:
            before = identifier_before(session)
        new = before is None
        for question in questions:
            values[question.field] = _answered(question, values)
        asked = texts is not None
        if texts is None and new and questions:
            texts, asked = _ask_for_policies(), True
        body = _body(values)
        given, why = given_policies(body.org_id) if texts is None and new else ((), "")
        if given:
            texts = texts_of(given)
        with database.write(LOCAL.name) as session:
            founded = found(session, LOCAL, body, texts or ())
            left = given_and_left(session, before or body.org_id, body.org_id)
    done = {"created": "Set up", "updated": "Changed the set-up of", "unchanged": "Nothing to change for"}
    say(f"{done[founded.outcome]} {body.name} in {database.place}.")
    if doubt := unknown_prefix(body.org_id):
        say(f"{doubt} Run init again with the right one as long as nothing is published.")
    say_left(tuple(name for name in left if name not in founded.policies), before or "", body.org_id)
    if founded.policies:
        say(f"Evaluation policy: {', '.join(founded.policies)}.")
        if why:
            say(f"None was chosen: {why}. To begin without: earmark init … --policy none")
    elif new:
        say("Evaluation policy: none, so no evaluation falls due. Load one: earmark evaluations policy load FILE")
        if not asked:
            say(
                "None was chosen: --policy start|NAME|FILE chooses, and so does `load`. Those that ship are listed by: "
                "earmark evaluations policy list"
            )
    return 0


def _body(values: dict[str, object]) -> SetupIn:
    """The set-up that the values make; ``InvalidInput`` with every fault."""
    try:
        return SetupIn.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(input_faults(error)) from error


def _answered(question: _Question, values: dict[str, object]) -> str:
    """A right answer; a wrong one is told and asked for again, and what was answered before stays."""

    def check(answer: str) -> str:
        _raise_about({question.field}, {**values, question.field: answer})
        return answer

    return _ask(question.text, check, question.usual)


def _raise_about(fields: set[str], values: dict[str, object]) -> None:
    """``InvalidInput`` with what is wrong with these fields of a set-up that is not whole yet."""
    from app.organisation.service import code_faults

    found: list[Fault] = code_faults(_understood(values))
    try:
        SetupIn.model_validate(values)
    except ValidationError as error:
        found += input_faults(error)
    if wrong := [fault for fault in found if fault.column in fields]:
        raise InvalidInput(wrong)


def _understood(values: dict[str, object]) -> dict[str, object]:
    """The values as a set-up holds them, such as EUR for ``€``; what is none of its field is left out."""
    config = ConfigDict(str_strip_whitespace=SetupIn.model_config.get("str_strip_whitespace", False))
    found: dict[str, object] = {}
    for name, value in values.items():
        with suppress(ValidationError):
            kind: TypeAdapter[object] = TypeAdapter(SetupIn.model_fields[name].rebuild_annotation(), config=config)
            found[name] = kind.validate_python(value)
    return found


def _ask_for_policies() -> tuple[str, ...]:
    from app.evaluations.policies.shipped import shipped
    from app.founding import START

    say(_POLICIES.format(start=", ".join(START), names=", ".join(shipped())))
    return _ask("Evaluation policy [none]", _texts, _NONE)


def _texts(answer: str) -> tuple[str, ...]:
    """The texts of the policies that an answer names.

    :raises UsageError: when it is neither a word, a shipped policy nor a file.
    :raises InvalidInput: with the faults of a policy that cannot be used.
    """
    from app.evaluations.policies.load import load_policy
    from app.evaluations.policies.service import fault_of
    from app.evaluations.policies.shipped import shipped, shipped_text
    from app.founding import start_texts

    if answer == _NONE:
        return ()
    if answer == _START:
        return start_texts()
    if answer in shipped():
        return (shipped_text(answer),)
    path = Path(answer)
    if not path.is_file():
        raise UsageError(f"{answer!r} is neither none, start, a policy that ships ({', '.join(shipped())}) nor a file")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{answer} is not UTF-8 text") from error
    refusals = [fault_of(finding) for finding in load_policy(text, name=answer).findings if finding.severity.refuses]
    if refusals:
        raise InvalidInput(refusals, f"{answer} cannot be used as a policy")
    return (text,)


def _ask(question: str, check: Callable[[str], Answer], usual: str | None) -> Answer:
    """An answer from the terminal that passes the check; asked on standard error, again until there is one."""
    while True:
        print(f"{question}: ", end="", file=sys.stderr, flush=True)
        if not (line := sys.stdin.readline()):
            raise typer.Abort
        if not (answer := line.strip() or usual or ""):
            continue
        try:
            return check(answer)
        except EarmarkError as error:
            show_error(error)
