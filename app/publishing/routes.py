"""``/projects/{code}/iati``: how a project would be published."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict
from starlette.convertors import PathConvertor, register_url_convertor

from app.http.router import GETS, api_router
from app.http.sessions import Reading, Today
from app.inputs import CodeText, Day
from app.publishing import service

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
