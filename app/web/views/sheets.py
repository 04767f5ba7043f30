"""Tables that are handed in, as their pages show them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from app.domain.advice import WITH_COMMA
from app.domain.notation import PLAIN, DateOrder
from app.errors import Fault, UsageError
from app.language.i18n import Words, mark
from app.tabular.columns import Form
from app.tabular.kinds import Kind
from app.tabular.registry import KINDS
from app.tabular.settings import FileSettings, said
from app.tabular.uploads.schemas import FaultTold, RecordChange, Understood
from app.web.definitions import Said, told

#: faults and records on one page
SHOWN = 50

#: subjects under which the kinds of table are listed
GROUPS: Mapping[str, tuple[str, ...]] = {
    mark("Projects and pools"): ("projects", "pools", "revisions", "documents", "results", "planned-payments",
        "corrections",
    ),
    mark("Money"): ("allocations", "transactions", "encumbrances", "institutional-budget", "rates", "assistance-types"),
    mark("Partners and agreements"): (
        "partners", "agreements", "agreement-amendments", "agreement-repurposings", "funding-shares", "instalments",
        "report-schedules", "agreement-reports", "agreement-conditions", "framework-agreements", "presets",
        "protection-checks",
    ),
    mark("Evaluations and oversight"): (
        "evaluations", "recommendations", "recommendation-actions", "oversight-reports", "assessment-scores",
        "milestones", "lessons", "risks",
    ),
    mark("Delivery"): ("delivery-targets", "delivery-notes", "indicator-targets"),
    mark("Results"): (
        "results-framework", "frameworks", "framework-targets", "framework-tags", "framework-crosswalk",
        "country-programmes", "result-records",
    ),
    mark("Organisation"): ("units", "officers"),
}  # fmt: skip

#: words of tables beyond those of forms: kinds, columns, and states of what was handed in
WORDS = (
    mark("Pools"),
    mark("Agreement amendments"),
    mark("Agreement repurposings"),
    mark("Report schedules"),
    mark("Agreement reports"),
    mark("Agreement conditions"),
    mark("Presets"),
    mark("Framework agreements"),
    mark("Protection checks"),
    mark("Assistance types"),
    mark("Funding shares"),
    mark("Revisions"),
    mark("Rates"),
    mark("Transactions"),
    mark("Encumbrances"),
    mark("Oversight reports"),
    mark("Assessment scores"),
    mark("Recommendation actions"),
    mark("Results framework"),
    mark("Country programmes"),
    mark("Frameworks"),
    mark("Framework targets"),
    mark("Framework tags"),
    mark("Framework crosswalk"),
    mark("Result records"),
    mark("Levels"),
    mark("Closed on"),
    mark("Target text"),
    mark("Region"),
    mark("From framework"),
    mark("From code"),
    mark("To framework"),
    mark("To code"),
    mark("Sentence"),
    mark("Quantity"),
    mark("Marks"),
    mark("Sources"),
    mark("Same as"),
    mark("Year"),
    mark("Institutional budget"),
    mark("Delivery targets"),
    mark("Delivery notes"),
    mark("Consent"),
    mark("Valid from"),
    mark("Valid to"),
    mark("Instrument"),
    mark("Wording"),
    mark("Themes"),
    mark("Ceiling"),
    mark("Checked on"),
    mark("Result"),
    mark("Valid until"),
    mark("Effective on"),
    mark("Overseer"),
    mark("Issued on"),
    mark("Body"),
    mark("Series"),
    mark("Scale min"),
    mark("Scale max"),
    mark("Section"),
    mark("Aspect"),
    mark("Item"),
    mark("Score"),
    mark("Level"),
    mark("Result total"),
    mark("Measure"),
    mark("Baseline year"),
    mark("Baseline value"),
    mark("Period start"),
    mark("Period end"),
    mark("Priorities"),
    mark("Cooperation framework"),
    mark("Alignment"),
    mark("Steering body"),
    mark("Line"),
    mark("Line title"),
    mark("Ordered"),
    mark("Number"),
    mark("Percentage"),
    mark("Date"),
    mark("Month"),
    mark("Time"),
    mark("Truth value"),
    mark("Text"),
    mark("Word"),
    mark("Yes or no"),
    mark("Whole number"),
    mark("Value"),
    mark("A list"),
    mark("Code"),
    mark("Checking"),
    mark("Storing"),
    mark("Checked"),
    mark("Stored"),
)
#: what the models say of an amount that is none
AMOUNT = "Write the amount in digits with a decimal point, such as 1000.10."
#: what a fault says to people of the command line, which a page says with its own fields
_OF_COMMANDS = (
    (r"[;,] or say how the file is written: .*$", mark("Or choose below how the file writes them.")),
    (r": show what is meant, or say --hidden-rows .*$", mark("Show them, or choose below whether they count.")),
    (r": take out what is, or say --hidden-rows .*$", mark("Take them out, or choose below whether they count.")),
    (
        r": (?:say another --encoding, or |say --encoding \S+, or )?save it as “CSV UTF-8”.*$",
        mark("Save it as “CSV UTF-8”, or as a workbook."),
    ),
    (
        r": say --header-row \d+, or delete the rows above it\.?$",
        mark("Delete the rows above it, or name the row below."),
    ),
    (r": name the one to read with --sheet\.?$", mark("Name the sheet below.")),
    (r": show it, or name it with --sheet\.?$", mark("Show it, or name the sheet below.")),
    (r", or say pad in a mapping\.?$", ""),
)
#: how a list is written, at the end of a fault
_LIST = re.compile(r" ?A list is written (?P<sample>.+?); what holds \| or : itself goes into double quotes\.\Z", re.S)
_LIST_SAID = mark("A list is written %(sample)s; what holds | or : itself goes into double quotes.")
#: what is said of columns of a table, which has them under the names of the programs
_OF_COLUMNS = (
    (r"The column (?P<name>.+) is needed\.", mark("The column %(name)s is needed.")),
    (r"The column (?P<name>.+) stands twice\.", mark("The column %(name)s stands twice.")),
    (
        r"There is no column “(?P<name>.+)” here\. Columns: (?P<names>.+)\.",
        mark("There is no column %(name)s here. Columns: %(names)s."),
    ),
)


@dataclass(frozen=True, kw_only=True)
class KindLine:
    """A kind of table in the list of all."""

    name: str
    key: tuple[str, ...]


def groups() -> list[tuple[str, list[KindLine]]]:
    """The kinds of table by subject; what no subject names stands last."""
    known = {kind.name: KindLine(name=kind.name, key=kind.key) for kind in KINDS}
    found = [(heading, [known.pop(name) for name in names if name in known]) for heading, names in GROUPS.items()]
    return [*found, (mark("Others"), list(known.values()))] if known else found


def notation_of(words: Words) -> FileSettings:
    """How people of this language write numbers and days in their spreadsheets; what may mean two numbers is asked."""
    own = words.notation
    return said(decimal=own.decimal, grouping=own.grouping, dates="dmy", presumed=True)


def with_sign(sign: str, words: Words) -> FileSettings:
    """A file that has this decimal sign for certain, and parts thousands as the language that has it does."""
    own = words.notation
    grouping = own.grouping if own.decimal == sign else "." if sign == "," else ","
    return said(decimal=sign, grouping=grouping, dates="dmy")


#: how a file can be said to write, beside plainly and as people of the language write: the decimal sign by its word
SIGNS: Mapping[str, str] = {"point": ".", "comma": ","}


#: words for signs between thousands that a field of a form does not carry
_CARRIED: Mapping[str, str] = {" ": "space", "": "none"}
#: a day as each order of days writes it
_DAYS: Mapping[DateOrder, str] = {
    DateOrder.ISO: "2026-03-31",
    DateOrder.DAY_FIRST: "31/03/2026",
    DateOrder.MONTH_FIRST: "03/31/2026",
    DateOrder.YEAR_FIRST: "2026/03/31",
    DateOrder.SERIAL: "46112",
}


def chosen(written: str, words: Words) -> FileSettings | None:
    """How numbers and days are typed, by what the form sends; None: plainly."""
    if written in SIGNS:
        return with_sign(SIGNS[written], words)
    return notation_of(words) if written == "mine" else _carried(written)


def chosen_again(written: Mapping[str, object], words: Words) -> str:
    """What was chosen of how numbers and days are typed, for the mended file, as :func:`chosen` takes it.

    What none of the choices says, as programs may (``decimal=, grouping='``), is carried along as it was said.
    """
    names = ("decimal", "grouping", "dates", "presumed")
    told = ((name, str(written[name])) for name in names if written.get(name) is not None)
    again = " ".join(f"{name}={_CARRIED.get(value, value)}" for name, value in told)
    found = _carried(again)
    if found is None or found.notation == PLAIN:
        return "plain"
    ways = ((name, chosen(name, words)) for name in ("mine", *SIGNS))
    return next((name for name, way in ways if way is not None and way.notation == found.notation), again)


def sample_again(written: str) -> str:
    """A number and a day as a file has them whose way of writing is none of the choices; empty where it is one."""
    if (found := _carried(written)) is None:
        return ""
    notation = found.notation
    grouping = notation.grouping.replace(" ", "\u00a0")
    return f"1{grouping}234{notation.decimal_sign}56 · {_DAYS[notation.dates]}"


def _carried(written: str) -> FileSettings | None:
    told = dict(part.split("=", 1) for part in written.split() if "=" in part)
    try:
        found = said(
            decimal=told.get("decimal"),
            grouping=told.get("grouping"),
            dates=told.get("dates"),
            presumed="presumed" in told or None,
        )
    except UsageError:
        return None
    return found if told else None


def usual(words: Words) -> str:
    """How a file is read unless somebody chooses: where points part decimals, what is doubtful is asked back."""
    return "plain" if words.notation.decimal == "." else "mine"


def sample_of(words: Words) -> str:
    """A number and a day as people of this language write them."""
    return f"{words.number(Decimal('1234.56'))} · 31/03/2026"


#: fields of the form that takes a table in, as it calls them
_ASKED: Mapping[str, str] = {
    "kind": mark("What the table holds"),
    "file": mark("The file"),
    "sheet": mark("Sheet to read"),
    "header_row": mark("Row that names the columns"),
    "hidden_rows": mark("Rows that the workbook hides or strikes through"),
    "encoding": mark("Encoding of a CSV file"),
}


def told_above(fault: Fault, words: Words) -> tuple[str, str, str]:
    """(address in the page, name of the field, message) of a fault of that form for the summary."""
    asked = _ASKED.get(fault.column)
    name = words.gettext(asked) if asked else ""
    return f"#f-{fault.column}" if asked else "", name, for_pages(fault.message, words)


def for_pages(message: str, words: Words) -> str:
    """A fault as a page tells it: without options of the command line."""
    if message in (AMOUNT, WITH_COMMA):
        asked = words.gettext("Write the amount in digits, such as %(sample)s.")
        return Said(asked % {"sample": words.typed(Decimal("1234.5"))})
    if (found := _LIST.search(message)) is not None:
        before = for_pages(message[: found.start()], words)
        return Said(f"{before} {words.gettext(_LIST_SAID) % found.groupdict()}".strip())
    for pattern, instead in _OF_COMMANDS:
        if re.search(pattern, message, re.S):
            before = without_options(message)
            return Said(f"{told(before, words) or before} {words.gettext(instead)}".strip())
    for pattern, template in _OF_COLUMNS:
        if (found := re.fullmatch(pattern, message, re.S)) is not None:
            return Said(words.gettext(template) % found.groupdict())
    return message if (known := told(message, words)) is None else Said(known)


def without_options(text: str) -> str:
    """A fault without the options that its end names, as pages know it; as it is where it names none."""
    for pattern, _ in _OF_COMMANDS:
        if re.search(pattern, text, re.S):
            return re.sub(pattern, "", text, flags=re.S).rstrip(".") + "."
    return text


@dataclass(frozen=True, kw_only=True)
class FaultLine:
    row: int | None
    column: str
    value: str
    message: str


def fault_lines(faults: Sequence[FaultTold], words: Words) -> list[FaultLine]:
    return [
        FaultLine(row=each.row, column=each.column, value=each.value, message=for_pages(each.message, words))
        for each in faults
    ]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field of a record before and after, as the reader's language writes it."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class RecordLine:
    row: int
    key: str
    is_new: bool
    fields: list[Difference]


def record_lines(kind: Kind, records: Sequence[RecordChange], words: Words) -> list[RecordLine]:
    return [
        RecordLine(
            row=each.row,
            key=each.key,
            is_new=each.outcome == "created",
            fields=[
                Difference(
                    name=field.name,
                    before=shown(kind, field.name, field.before, words),
                    after=shown(kind, field.name, field.after, words),
                )
                for field in each.fields
                # of a new record its key is its name already
                if not (each.outcome == "created" and field.name in kind.key)
            ],
        )
        for each in records
    ]


def shown(kind: Kind, name: str, value: str, words: Words) -> str:
    """A value of a table as the reader's language writes it."""
    column = kind.column(name)
    if not value or column.is_list:
        return value
    try:
        if column.form in (Form.NUMBER, Form.PERCENT):
            return words.number(Decimal(value))
        if column.form is Form.DAY:
            return words.day(value)
    except (ValueError, InvalidOperation):
        return value
    if column.form in (Form.WORD, Form.TRUTH) and value.islower():
        return words.word({"true": "yes", "false": "no"}.get(value, value))
    return value


@dataclass(frozen=True, kw_only=True)
class Reading:
    row: int
    column: str
    typed: str
    read: str


def readings(kind: Kind, given: Sequence[Understood], words: Words) -> list[Reading]:
    return [
        Reading(row=each.row, column=each.column, typed=each.typed, read=shown(kind, each.column, each.read, words))
        for each in given
    ]
