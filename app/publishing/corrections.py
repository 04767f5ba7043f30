"""Corrections of drafts in places that no field of a record holds, such as the type of an other-identifier.

The activity as it is on record is corrected at that place and taken in like a file that says so: by the same reader,
schema and rules, so that the draft ends when nothing is wrong any more.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lxml import etree
from pydantic import Field
from sqlmodel import Session

from app.db.base import key
from app.db.lookups import row_by
from app.db.projects import Project
from app.db.put import Put
from app.domain.access import Actor, Right
from app.errors import Conflict, Fault, InvalidInput
from app.inputs import CodeText, FaultList, Input, Line, Text
from app.publishing.exporting import queries, queries_rows
from app.publishing.exporting.compose import compose
from app.publishing.exporting.fetch import fetch
from app.publishing.exporting.rendering import rendered_project
from app.publishing.importing.account import FileReport, Source
from app.publishing.importing.reader import Activities
from app.publishing.importing.run import store_batch
from iati.source import Fragment, open_document, parse_fragment
from iati.standard import VERSION

_STEP = re.compile(r"([a-z][a-z-]*)(?:\[([1-9][0-9]{0,3})\])?")
_ATTRIBUTE = re.compile(r"@(?:xml:)?[a-z][a-z-]*")
#: how a finding names the attribute, or the element, that is wrong or lacking in its place
_OF_ATTRIBUTE = re.compile(r"(?:Add the attribute|Remove|\bfor) ([\w:-]+) (?:to|of) <")
_OF_ELEMENT = re.compile(r"Add <([\w-]+)> to <")
_XML = "{http://www.w3.org/XML/1998/namespace}"
#: what makes an activity the one that it is
_FIXED = ("iati-identifier", "reporting-org/@ref")


class CorrectionOfProjectIn(Input):
    """What stands in a place of a draft from now on."""

    path: Line = Field(
        max_length=500,
        description="Place in the activity: elements with their numbers, and an attribute where one is meant",
        examples=["other-identifier[1]/@type"],
    )
    value: Line | None = Field(default=None, description="What stands there from now on", examples=["A1"])


class CorrectionsIn(Input):
    """Places of a draft that are corrected together; a place without a value is emptied."""

    corrections: list[CorrectionOfProjectIn] = Field(min_length=1, max_length=200)


class OfDraft(Input):
    """The column by which a table names the draft; it comes first. A route has it in its path."""

    project: CodeText = Field(description="Code of the project", examples=["XM-DAC-41302-GLO-21-01"])


class CorrectionIn(CorrectionOfProjectIn, OfDraft):
    """What stands in a place of a draft from now on. Table: ``corrections``, which goes out with what is wrong."""

    fault: Text | None = Field(default=None, description="What is wrong there; not read when the table goes in")


def put_correction(
    session: Session, actor: Actor, body: CorrectionIn, *, today: dt.date, pointer: str = ""
) -> Put[Project]:
    """Corrects one place of a draft; what stands there already, and a place without a value, are left alone."""
    actor.require(Right.WRITE)
    project = row_by(session, Project, "code", body.project)
    if project is None:
        message = f"There is no project {body.project}."
        raise InvalidInput([Fault(pointer=f"{pointer}/project", rule="project.unknown", message=message)])
    if "value" not in body.model_fields_set:
        return Put(project, "unchanged")
    changed = correct(session, actor, project, [body], today=today, pointer=pointer)
    return Put(project, "updated" if changed else "unchanged")


def correct(
    session: Session,
    actor: Actor,
    project: Project,
    corrections: Iterable[CorrectionOfProjectIn],
    *,
    today: dt.date,
    pointer: str = "",
    within: str = "",
) -> bool:
    """Corrects places of a draft together; tells whether anything differed.

    ``within``: where a body has the corrections, so that each fault says which of them it is of.

    :raises Conflict: when the project is no draft.
    :raises InvalidInput: for places that are not there, or that may not be changed.
    """
    actor.require(Right.WRITE)
    actor.require_unit(project.unit_id)
    session.flush()
    activity = _activity_of(session, project, today)
    changed = False
    faults: list[Fault] = []
    for number, each in enumerate(corrections):
        found = FaultList(f"{pointer}{within}/{number}" if within else pointer)
        changed |= _apply(activity, each, found)
        faults += found.found
    if faults:
        raise InvalidInput(faults)
    if not changed:
        return False
    if project.findings is None:
        message = f"{project.code} is no draft: change its fields, or import a newer file."
        raise Conflict(message, [Fault(pointer=f"{pointer}/project", rule="correction.no-draft", message=message)])
    _take_in(session, actor, etree.tostring(activity), today)
    session.expire_all()
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceOfDraft:
    """A place of a draft that breaks the standard, and what stands there."""

    #: as a correction names it; empty: the finding names none that can be set
    path: str
    #: None: nothing stands there
    standing: str | None
    message: str
    file: str
    line: int | None


def places_of_draft(session: Session, project: Project, today: dt.date) -> list[PlaceOfDraft]:
    """What is wrong with a draft, place by place; nothing where the project is none."""
    if project.findings is None:
        return []
    activity = _activity_of(session, project, today)
    found: dict[str, PlaceOfDraft] = {}
    for number, each in enumerate(project.findings):
        message, path = str(each["message"]), place_of(str(each["path"]), str(each["message"]))
        # two faults of one place are mended together
        if each["severity"] == "critical" and (known := found.get(path)) is not None and path:
            found[path] = replace(known, message=f"{known.message} {message}")
        elif each["severity"] == "critical":
            found[path or str(number)] = PlaceOfDraft(
                path=path,
                standing=_standing(activity, path),
                message=message,
                file=str(each["file"]),
                line=line if isinstance(line := each["line"], int) else None,
            )
    return list(found.values())


def _activity_of(session: Session, project: Project, today: dt.date) -> etree._Element:
    """The activity as it is on record.

    :raises Conflict: when it cannot be written.
    """
    (row,) = queries_rows.projects_keyed(session, [key(project)])
    rows = fetch(session, [row], today, screening=False)
    composed = compose(row.copy(), rows, queries.setup(session), today)
    xml = rendered_project(row, composed).xml
    if xml is None:
        raise Conflict(f"The activity of {project.code} cannot be written: {' '.join(composed.held_back)}")
    return parse_fragment(Fragment(xml.encode(), 1, 0))


def _standing(activity: etree._Element, path: str) -> str | None:
    """What stands in a place now; None where nothing does."""
    element = activity
    for name, number in _steps(path) or ():
        if name.startswith("@"):
            return element.get(name[1:].replace("xml:", _XML))
        children = element.findall(name)
        if number > len(children):
            return None
        element = children[number - 1]
    return None if element is activity else " ".join((element.text or "").split())


def _take_in(session: Session, actor: Actor, activity: bytes, today: dt.date) -> None:
    """Stores the activity as if a file had brought it; order of elements and white space are mended on the way."""
    name = "a correction made here"
    report = FileReport(file=name)
    source = Source(name=name, sha256="", as_of=today, actor=actor.name, overwrite=True, mend=True)
    text = b'<iati-activities version="%s">%s</iati-activities>' % (VERSION.encode(), activity)
    with open_document(text) as document:
        incoming = list(Activities(document, report, mend=True))
    store_batch(session, incoming, source, report)
    # what breaks the schema still is no reason: the draft stays one, with what is left
    refused = [
        each for each in report.faults if each.rule.startswith("earmark.import.") and each.severity == "critical"
    ]
    if refused or not incoming:
        raise Conflict(" ".join(fault.message for fault in refused or report.faults))


def _apply(activity: etree._Element, correction: CorrectionOfProjectIn, found: FaultList) -> bool:
    """Sets one place; tells whether it differed. What cannot be is noted."""
    steps = _steps(correction.path)
    if steps is None:
        message = f"“{correction.path}” is no place in an activity: write one such as other-identifier[1]/@type."
        found.add("path", "correction.path", message)
        return False
    plain = "/".join(name for name, _ in steps)
    if plain in _FIXED:
        message = (
            "Identifiers of an activity and of its publisher have commands of their own: they are not corrected so."
        )
        found.add("path", "correction.fixed", message)
        return False
    *above, (name, number) = steps
    element = activity
    for step, position in above:
        children = element.findall(step)
        if position > len(children):
            message = f"The activity has no {step}[{position}] here: the last one is number {len(children)}."
            if not children:
                message = f"The activity has no {step} here."
            found.add("path", "correction.nothing-there", message)
            return False
        element = children[position - 1]
    if name.startswith("@"):
        return _set_attribute(element, name[1:].replace("xml:", _XML), correction.value)
    children = element.findall(name)
    if number > len(children) + 1:
        message = f"The activity has {len(children)} of {name} here: the next one would be number {len(children) + 1}."
        found.add("path", "correction.nothing-there", message)
        return False
    if number > len(children):
        if correction.value is None:
            return False
        etree.SubElement(element, name).text = correction.value
        return True
    child = children[number - 1]
    if correction.value is None:
        element.remove(child)
        return True
    if (child.text or "") == correction.value:
        return False
    child.text = correction.value
    return True


def _set_attribute(element: etree._Element, name: str, value: str | None) -> bool:
    if element.get(name) == value:
        return False
    if value is None:
        del element.attrib[name]
    else:
        element.set(name, value)
    return True


def place_of(path: str, message: str) -> str:
    """The place within its activity that a finding asks to correct; empty: it names none."""
    steps = path.strip("/").split("/")[2:]
    if attribute := _OF_ATTRIBUTE.search(message):
        steps.append(f"@{attribute[1]}")
    elif element := _OF_ELEMENT.search(message):
        steps.append(element[1])
    return "/".join(steps)


def _steps(path: str) -> list[tuple[str, int]] | None:
    """(name, number) of each step; a path of the whole file, as findings tell it, begins at its activity."""
    texts = [text for text in path.strip().split("/") if text]
    if texts[:1] == ["iati-activities"]:
        texts = texts[2:]
    found: list[tuple[str, int]] = []
    for place, text in enumerate(texts):
        if place == len(texts) - 1 and _ATTRIBUTE.fullmatch(text):
            found.append((text, 1))
        elif (step := _STEP.fullmatch(text)) is not None:
            found.append((step[1], int(step[2] or 1)))
        else:
            return None
    return found or None
