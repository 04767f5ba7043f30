"""Every message of the source: what templates, pages, input models and closed lists say, and what rooms write.

Messages stand in the templates, in ``app/web`` as ``mark("…")`` and ``page.t("…")``, and in the input models, whose
descriptions are the hints of forms.
"""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_dir
from sqlmodel import SQLModel

import app.alerts.calendar
import app.alerts.publications
import app.alerts.releases
import app.alerts.standing
import app.alerts.view_digests
import app.db.engine
import app.domain.access
import app.domain.codes
import app.domain.contributions
import app.domain.duties
import app.domain.earmarking
import app.domain.evaluation.followup
import app.domain.evaluation.terms
import app.domain.evaluation.words
import app.domain.frameworks
import app.domain.releases
import app.domain.terms
import app.evaluations.obligations.calendars
import app.jobs.health
import app.organisation.books
import app.projects.findings
import app.reports.agreement_findings
import app.reports.duties
import app.reports.partner_briefing
import app.statements.compare
from app.alerts import followup
from app.alerts.obstacles import ESCALATED
from app.db.archiving import noun_of
from app.db.audit import NOT_AUDITED
from app.db.base import table
from app.db.revisions import STATED
from app.domain.access import Right
from app.domain.achieved import Mark
from app.domain.agreements import entered_as
from app.domain.datasets import PARTS
from app.domain.earmarking import PRESETS, Modality, Wording
from app.domain.evaluation.policy import LADDERS, Rung
from app.domain.findings import Severity
from app.domain.programmes import Alignment
from app.domain.regions import INTERREGIONAL, REGIONS
from app.domain.terms import AgreementStatus
from app.http import root
from app.jobs.timetable import JOBS
from app.language import i18n
from app.publishing.sentences import HEARD
from app.reports.registry import REPORTS
from app.sentences import FORMS, SENTENCES
from app.tabular import elements, workbook
from app.tabular.columns import column_of
from app.tabular.registry import KINDS
from app.tabular.text import CELL_LIMIT
from app.web import definitions
from app.web.asking import members, phrase_of
from app.web.catalogue.written import written
from app.web.forms import item_model
from app.web.routes import every_form

_PAGES = Path(__file__).parents[1]
#: rooms beside the pages whose texts are said in languages
_BESIDE = (_PAGES.parent / "language", _PAGES.parent / "alerts", _PAGES.parent / "outbox")
_METHODS = [
    ("routes/**.py", "python"),
    ("**.py", "python"),
    ("templates/**.html", "jinja2.ext.babel_extract"),
    ("templates/**.txt", "jinja2.ext.babel_extract"),
]
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "mark": None, "t": None,
}  # fmt: skip
#: what most often keeps an evaluation from being told
NOT_KNOWN = (
    "whether the evaluation plan foresees a mid-term",
    "start date",
    "end date",
    "signature date or start date",
)
#: sentences of faults that people meet most
FAULTS = (
    "This is required.",
    "This may not be empty.",
    "Write this on one line.",
    "Write a whole number.",
    "Write true or false.",
    "Write the date as YYYY-MM-DD.",
    "Write a date of the calendar as YYYY-MM-DD.",
    "The amount cannot be negative.",
    "A code holds no spaces.",
    "Write the three capital letters of ISO 4217, such as USD.",
    "Is %(code)s meant? Write the three capital letters of ISO 4217.",
    "Is %(found)s meant? A spreadsheet drops zeros at the front: format the column as text.",
    "“%(text)s” may be %(codes)s: write the one that is meant.",
    "Is %(word)s meant? Capital letters count.",
    "%(names)s or %(last)s",
    "Too many attempts to sign in came from this address: wait %(seconds)s seconds.",
    "Here goes a number: what is told in words goes into target_text or result_text.",
    "It is put off, and no day says until when: give due_on.",
    "The file is empty: choose another.",
    "The workbook has no sheet with cells.",
    "The workbook is protected with a password: save it without one.",
    "The file is an archive (.zip) and no workbook: unpack it, and give the table itself.",
    elements.TOO_LARGE,
    f"A part of the workbook is damaged or too large: {workbook.RESAVE}.",
    # what commands are told after the colon is said otherwise
    "The file is not a table of text.",
    "The file is not UTF-8.",
    f"A cell holds more than {CELL_LIMIT:,} characters: a quotation mark may be missing above.",
    "A quotation mark opens a cell here and is never closed: close it, or take it out.",
    "A quotation mark stands inside a cell: double it, and put the whole cell into quotation marks.",
    "A letter was lost here (�) when the file was saved: write it again.",
    "The file is a web page or XML under another name: open it in a spreadsheet and save it as a workbook.",
    *(
        f"The file is {what}: {workbook.RESAVE}."
        for what in (
            "an old workbook (.xls)",
            "not a workbook that can be read, or is damaged",
            "an OpenDocument spreadsheet (.ods)",
            "a binary workbook (.xlsb)",
        )
    ),
)


def messages() -> Catalog:
    """Every message of the source."""
    found = Catalog(project="Earmark", charset="utf-8")
    options = {"templates/**": {"extensions": "jinja2.ext.i18n", "trimmed": "true", "newstyle_gettext": "true"}}
    for folder in (_PAGES, *_BESIDE):
        extracted = extract_from_dir(str(folder), _METHODS, options, _KEYWORDS, (), directory_filter=lambda _: True)
        for name, _, message, _, _ in sorted(extracted, key=lambda each: (each[0], each[1])):
            found.add(message, locations=[(name, 0)])
    for text in (*_terms(), *_fields(), *_sentences(), *FAULTS):
        if text not in found:
            found.add(text, locations=[("the words of the field", 0)])
    for form in written():
        if form not in found and not definitions.knows(form):
            found.add(form, locations=[("what rooms write", 0)])
    return found


#: modules whose sentences pages and messages tell
_TELLING = (
    app.alerts.calendar,
    app.alerts.publications,
    app.alerts.releases,
    app.alerts.standing,
    app.alerts.view_digests,
    app.db.engine,
    app.domain.access,
    app.domain.codes,
    app.domain.contributions,
    app.domain.earmarking,
    app.domain.evaluation.words,
    app.domain.frameworks,
    app.domain.releases,
    app.evaluations.obligations.calendars,
    app.jobs.health,
    app.organisation.books,
    app.projects.findings,
    app.reports.agreement_findings,
    app.reports.duties,
    app.reports.partner_briefing,
    app.statements.compare,
)


def _sentences() -> Iterator[str]:
    """What rules tell, what jobs do, and what an audit trail is about."""
    for module in _TELLING:
        with Path(str(module.__file__)).open("rb") as source:
            for _, message, _, _ in extract("python", source, {"Told": None}):
                yield str(message)
    yield from (rung.ask for rung in _rungs())
    yield from (job.purpose for job in JOBS)
    yield from (part.about for part in root.parts(""))
    yield from PARTS
    yield STATED
    yield from app.statements.compare.SEVERAL
    yield from (sentence.rstrip(".") + "." for sentence in (*SENTENCES.values(), *FORMS.values()))
    yield from (entered_as(status) for status in AgreementStatus)
    yield from (report.sentence for report in REPORTS)
    yield from (*HEARD.forms, *HEARD.nouns)
    yield from definitions.HEARD.forms
    silent = {table(row).name for row in NOT_AUDITED}
    yield from (i18n.spelled(name) for name in sorted(SQLModel.metadata.tables) if name not in silent)


def _rungs() -> Iterator[Rung]:
    """The steps that alerts tell; those of an organisation's own policy stay in its own words."""
    for ladder in (*LADDERS.values(), *followup.LADDERS.values(), *followup.DUTY_LADDERS.values()):
        yield from ladder
    yield from (*followup.RISK_LADDER, followup.RISK_ESCALATED, ESCALATED)


def _terms() -> Iterator[str]:
    """The words of closed lists."""
    words = i18n.words(i18n.USUAL)
    for module in (app.domain.terms, app.domain.evaluation.terms, app.domain.evaluation.followup, app.domain.duties):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, Enum):
                yield from (words.word(member) for member in kind)
    yield from (words.word(member) for kind in (Alignment, Mark) for member in kind)
    yield from (words.word(region) for region in (*REGIONS, INTERREGIONAL))
    yield from (words.word(right) for right in Right)
    yield from (words.word(preset.preset) for preset in PRESETS)
    yield from (words.word(wording) for wording in Wording)
    yield from (modality.meaning for modality in Modality)
    yield from (words.word(severity) for severity in Severity)
    yield from (words.word(name) for name in ("cannot-tell", "waiver", "reschedule", *NOT_KNOWN))
    silent = {table(row).name for row in NOT_AUDITED}
    told = (
        name for name, row in SQLModel.metadata.tables.items() if "archived_at" in row.columns or name not in silent
    )
    yield from (words.word(noun_of(name)) for name in sorted(told))


def _fields() -> Iterator[str]:
    """Labels and hints of every form."""
    forms = list(every_form())
    tables = [kind.model.model_fields for kind in KINDS if kind.name in _AS_TABLES]
    for fields in (*(form.fields for form in forms), *tables):
        for name, field in fields.items():
            yield i18n.spelled(name)
            if field.description:
                yield field.description
            if example := phrase_of(field):
                yield example
            choices = (i18n.words(i18n.USUAL).word(member) for member in members(field.annotation))
            # letters and numbers of the standard are the same everywhere
            yield from (choice for choice in choices if len(choice) > 2)
            if column_of(field).parts:
                yield from (i18n.spelled(part) for part in item_model(field).model_fields)
    yield from (i18n.spelled(name) for kind in KINDS for name in (kind.name, *kind.key))
    yield from (group.heading for form in forms for group in form.sections() if group.heading)


#: kinds of table whose columns pages name, beyond those that have a form
_AS_TABLES = frozenset({"units", "officers"})
