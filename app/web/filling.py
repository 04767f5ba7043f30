"""Forms from the first look to the stored record: shown, sent, refused with faults at the fields, stored once.

A page says what to ask (:class:`Sheet`) and what to do with the answer; the rest is the same for all: faults come back
beside what was typed, a record that somebody else changed meanwhile shows theirs beside yours, a double click stores
once, and what was typed when a session ended is there again after signing in.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from sqlmodel import Session
from starlette.responses import Response

from app.errors import Conflict, Fault, InvalidInput, NotAllowed, StaleVersion
from app.http.once import Once
from app.inputs import FaultList, Input, validated
from app.language.i18n import mark
from app.web import asking, session, showing
from app.web import typed as typed_in
from app.web.forms import Control, Form, Option, Question, Typed
from app.web.offers import offered
from app.web.page import Crumb, Page, PostingPage, ReadingPage

#: a record as the API answers it, and its ETag
Shown = tuple[Mapping[str, object], str]


Body = TypeVar("Body", bound=Input)


@dataclass(frozen=True, kw_only=True)
class Sheet(Generic[Body]):
    """A form in its page. Texts are shown as they are: translate them before."""

    form: Form[Body]
    title: str
    #: where "cancel" leads
    back: str
    crumbs: Sequence[Crumb] = ()
    button: str = ""
    #: a sentence above the form
    intro: str = ""
    #: values of a new record that the address or the person's unit suggests
    start: Mapping[str, object] | None = None
    #: a change needs the patch model of the noun
    patch: type[Input] | None = None
    #: what amounts are in where the form names no currency: that of the record it is about
    currency: str = ""


#: a sheet about a record, and the ETag of that record
Versioned = tuple[Sheet[Body], str]


def ask(page: ReadingPage, sheet: Sheet[Body], record: Shown | None = None) -> Response:
    """The form, empty or with a record; with what was typed before the session ended, if that was this form."""
    kept = session.take_kept(page.session, page.visitor, page.request.url)
    if kept is not None:
        typed = typed_in.typed(kept)
        version = next((value for name, value in kept if name == "_version"), None)
        asked = asking.questions(sheet.form, page.words, typed=typed, currency=_currency(sheet, record and record[0]))
        return _shown(page, page.session, sheet, asked, version=version, kept=True)
    values, tag = record if record is not None else (sheet.start or {}, None)
    asked = asking.questions(sheet.form, page.words, record=values)
    return _shown(page, page.session, sheet, asked, version=tag)


def create(
    page: PostingPage,
    sheet: Sheet[Body],
    store: Callable[[Session, Body], str],
    told: str,
    remarks: FaultList | None = None,
    anew: Callable[[Session], Versioned[Body]] | None = None,
) -> Response:
    """Stores a new record: ``store`` is given the input model and gives the address to go on to.

    ``remarks``: what ``store`` notes of a record that was taken in all the same; it is told behind ``told``.
    ``anew``: of a form about another record, which may change meanwhile: the sheet as it is by now and the version of
    that record. ``store`` raises ``StaleVersion`` when the version in the form is another one.
    """
    typed = typed_in.typed(page.posted)

    def work(session: Session) -> str:
        body, unread = typed_in.read(sheet.form, typed, page.words, _currency(sheet))
        made = typed_in.created(body)
        faults = [*unread, *typed_in.lost("", made)]
        return store(session, _body(sheet.form.model, {**_given(sheet), **made}, faults))

    return _stored(page, sheet, typed, work, told, lambda _: None, remarks, anew)


def change(
    page: PostingPage,
    sheet: Sheet[Body],
    load: Callable[[Session], Shown],
    store: Callable[[Session, Input, str], str],
    told: str,
    remarks: FaultList | None = None,
) -> Response:
    """Stores a change: ``store`` is given the patch with what differs, and the version it is based on.

    ``remarks``: as of :func:`create`.
    """
    typed = typed_in.typed(page.posted)
    model = sheet.patch
    if model is None:
        raise AssertionError("a change needs the patch model")

    def work(session: Session) -> str:
        record, tag = load(session)
        version = page.value("_version")
        if version != tag:
            raise StaleVersion(mark("Somebody changed this while you were editing. Both versions are shown below."))
        currency, shown = _currency(sheet, record), typed_in.typed_of(sheet.form, record, page.words)
        before, _ = typed_in.read(sheet.form, shown, page.words, currency)
        body, unread = typed_in.read(sheet.form, typed, page.words, currency)
        differing = typed_in.changed(body, before)
        faults = [*unread, *typed_in.lost("", differing)]
        return store(session, _body(model, differing, faults), version)

    return _stored(page, sheet, typed, work, told, load, remarks)


def _currency(sheet: Sheet[Body], record: Mapping[str, object] | None = None) -> str:
    """What amounts of the sheet are in where the form names no currency, or leaves it empty."""
    named = next((each.get("currency") for each in (record or {}, sheet.start or {}) if each.get("currency")), "")
    return sheet.currency or str(named)


def _given(sheet: Sheet[Body]) -> dict[str, object]:
    """Fields that the page fills in itself."""
    start = sheet.start or {}
    return {name: start[name] for name in sheet.form.without if name in start}


def _body(model: type[Body], values: Mapping[str, object], unread: list[Fault]) -> Body:
    """The input model; with every fault, those of amounts that could not be read among them."""
    try:
        body = validated(model, dict(values))
    except InvalidInput as error:
        known = {fault.pointer for fault in unread}
        raise InvalidInput(unread + [fault for fault in error.faults if fault.pointer not in known]) from error
    if unread:
        raise InvalidInput(unread)
    return body


def _stored(
    page: PostingPage,
    sheet: Sheet[Body],
    typed: Typed,
    work: Callable[[Session], str],
    told: str,
    load: Callable[[Session], Shown | None],
    remarks: FaultList | None,
    anew: Callable[[Session], Versioned[Body]] | None = None,
) -> Response:
    def stored(writing: Session) -> Response:
        address = work(writing)
        noted = () if remarks is None else remarks.found
        said = [page.words.written.said(str(each.message), page.words) for each in noted]
        return page.go(address, writing, " ".join([told, *said]))

    try:
        with page.write() as writing:
            return once_of(page).answer(writing, lambda: stored(writing))
    except StaleVersion as stale:
        if anew is not None:
            return _about_another(page, typed, anew)
        return _again(page, sheet, typed, [Fault(rule="stale", message=stale.message)], 409, load)
    except InvalidInput as refused:
        return _again(page, sheet, typed, refused.faults, 422, None)
    except NotAllowed as refused:
        # it names a record of another unit: what was typed may name another one
        return _again(page, sheet, typed, [Fault(rule="not-allowed", message=refused.message)], 403, None)
    except Conflict as conflict:
        found = conflict.faults or [Fault(rule="conflict", message=conflict.message)]
        return _again(page, sheet, typed, found, 409, None)


def once_of(page: PostingPage) -> Once:
    """The form's one-time key, as the API's Idempotency-Key: what was sent twice is stored once."""
    content = hashlib.sha256(repr((page.request.url.path, page.posted)).encode("utf-8", "surrogatepass"))
    key = page.value("_once")[:100] or None
    return Once(user_id=page.visitor.user_id, key=key and f"page-{key}", request_hash=content.hexdigest())


def _about_another(page: PostingPage, typed: Typed, anew: Callable[[Session], Versioned[Body]]) -> Response:
    """What was typed, below what the form is about by now."""
    told = mark("Somebody changed what this is about while you were typing: what it is now stands above. Save again.")
    faults = [Fault(rule="stale", message=told)]
    with page.read() as reading:
        sheet, version = anew(reading)
        asked = asking.questions(sheet.form, page.words, typed=typed, faults=faults, currency=_currency(sheet))
        return _shown(page, reading, sheet, asked, version=version, faults=faults, status=409)


def _again(
    page: PostingPage,
    sheet: Sheet[Body],
    typed: Typed,
    faults: Sequence[Fault],
    status: int,
    load: Callable[[Session], Shown | None] | None,
) -> Response:
    """The form with what was typed, and what is wrong; for a stale one, with what is stored by now."""
    asked = asking.questions(sheet.form, page.words, typed=typed, faults=faults, currency=_currency(sheet))
    version: str | None = page.value("_version") or None
    with page.read() as reading:
        theirs = load(reading) if load is not None else None
        if theirs is not None:
            record, version = theirs
            stored = asking.questions(sheet.form, page.words, record=record)
            asked = {name: _beside(question, stored.get(name)) for name, question in asked.items()}
        return _shown(page, reading, sheet, asked, version=version, faults=faults, status=status)


def _beside(mine: Question, theirs: Question | None) -> Question:
    if theirs is None or (mine.value == theirs.value and _parts(mine) == _parts(theirs)):
        return mine
    if mine.items or theirs.items:
        return replace(mine, theirs="; ".join(" ".join(filter(None, row)) for row in _parts(theirs)))
    labels = {option.value: option.label for option in theirs.options}
    return replace(mine, theirs=labels.get(theirs.value, theirs.value))


def _parts(question: Question) -> list[list[str]]:
    rows = [[part.value for part in item] for item in question.items]
    return [row for row in rows if any(row)]


def _shown(
    page: Page,
    reading: Session,
    sheet: Sheet[Body],
    asked: Mapping[str, Question],
    *,
    version: str | None,
    faults: Sequence[Fault] = (),
    status: int = 200,
    kept: bool = False,
) -> Response:
    used = {question.offers for question in asked.values() if question.offers}
    used |= {part.offers for question in asked.values() for row in question.items for part in row if part.offers}
    lists = offered(reading, sorted(used), page.words)
    asked = {name: _named(question, lists.get(question.offers)) for name, question in asked.items()}
    sections = [
        (group.heading, [asked[name] for name in group.fields if name in asked], group.folded)
        for group in sheet.form.sections()
    ]
    named = {name for group in sheet.form.sections() for name in group.fields}
    if more := [question for name, question in asked.items() if name not in named]:
        sections.append(("Other languages", more, False))
    view: dict[str, object] = {
        "sheet": sheet,
        "title": sheet.title,
        "crumbs": sheet.crumbs,
        "sections": sections,
        "offers": lists,
        "tag": version,
        "once": secrets.token_urlsafe(16),
        "summary": [_told(fault, asked) for fault in faults],
        "fields": _fields(sheet.form, asked),
        "kept": kept,
        "stale": any(question.theirs is not None for question in asked.values()),
    }
    return showing.show(page.request, "form.html", view, status=status)


def _fields(form: Form[Input], asked: Mapping[str, Question]) -> frozenset[str]:
    """Names by which faults call the fields of a form: what somebody typed into one is a value, though it reads so."""
    every = [*asked.values(), *(part for question in asked.values() for row in question.items for part in row)]
    names = {name for each in every for name in each.name.split(".")}
    return frozenset((names | form.model.model_fields.keys()) - {each.value.strip() for each in every})


def _named(question: Question, options: Sequence[Option] | None) -> Question:
    """A choice among codes with the names that their list gives them."""
    if question.control is not Control.CHOICE or not options:
        return question
    labels = {option.value: option.label for option in options}
    chosen = [replace(option, label=labels.get(option.value, option.label)) for option in question.options]
    return replace(question, options=tuple(chosen))


def _told(fault: Fault, asked: Mapping[str, Question]) -> tuple[str, str, str]:
    """(address in the page, name of the field, message) of a fault for the summary."""
    name = fault.pointer.strip("/").split("/")[0] if fault.pointer else ""
    question = asked.get(name)
    return ("#" + question.key if question else "", question.label if question else "", fault.message)
