"""``/projects/{code}/iati``: how a project would be published, and what is corrected of drafts."""

from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict
from starlette.convertors import PathConvertor, register_url_convertor

from app.db.projects import Project
from app.http.access import Writer
from app.http.fields import Id
from app.http.once import Idempotent
from app.http.router import GETS, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import held
from app.inputs import CodeText, Day
from app.projects.answers import DraftFindingOut
from app.publishing import service
from app.publishing.corrections import CorrectionsIn, correct

previews = api_router("/projects", "projects")


class AnyText(PathConvertor):
    """A part of a path that may hold slashes and line breaks, as identifiers of real publications do."""

    regex = "(?s:.*)"


register_url_convertor("anything", AnyText())

Code = Annotated[CodeText, Path(description="Code or IATI identifier; may hold slashes.")]


class FindingOut(BaseModel):
    """What a rule says about the activity."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    rule: str
    severity: str
    path: str
    line: int
    message: str


class ExclusionOut(BaseModel):
    """Something that is left out, and why."""

    project: str
    what: str
    reason: str


class PreviewOut(BaseModel):
    """An activity as it would be published on a day."""

    #: None when the activity cannot be written; a draft that is held back is shown
    xml: str | None
    #: why it cannot be published; empty when it can
    held_back: list[str]
    exclusions: list[ExclusionOut]
    remarks: list[str]
    findings: list[FindingOut]


@previews.get("/{code:anything}/iati", summary="Preview a project's IATI activity", responses=GETS)
def preview_project(
    code: Code,
    session: Reading,
    today: Today,
    as_of: Annotated[Day | None, Query(description="The day of the publication; today by default.")] = None,
) -> PreviewOut:
    day = as_of or today
    xml, findings, composed = service.preview(session, service.project_named(session, code), day)
    return PreviewOut(
        xml=xml,
        held_back=composed.held_back,
        exclusions=[ExclusionOut(**each.as_dict()) for each in composed.exclusions],
        remarks=[*composed.remarks, *composed.notes],
        findings=[
            FindingOut(rule=each.rule, severity=each.severity, path=each.path, line=each.line, message=each.message)
            for each in findings
        ],
    )


class DraftOut(BaseModel):
    """A record after a correction: what is still wrong with it."""

    project: str
    draft: bool
    findings: list[DraftFindingOut]


@previews.post(
    "/{project_id}/corrections",
    summary="Correct places of a draft that no field holds",
    response_model=DraftOut,
    responses=problems(404, 409, 413, 415),
)
def correct_draft(
    project_id: Id, body: CorrectionsIn, actor: Writer, once: Idempotent, session: Writing, today: Today
) -> Response:
    """Places are those that findings tell, or that the preview shows: `other-identifier[1]/@type`. All are corrected
    together, and the draft ends when nothing is wrong any more."""

    def work() -> Response:
        project = held(session, Project, project_id, name="project")
        correct(session, actor, project, body.corrections, today=today, within="/corrections")
        told = DraftOut(
            project=project.code,
            draft=project.findings is not None,
            findings=[DraftFindingOut(**each) for each in project.findings or ()],
        )
        return Response(told.model_dump_json(), media_type="application/json")

    return once.answer(session, work)
