"""``/results-frameworks``, ``/framework-targets``, ``/framework-tags`` and ``/framework-crosswalk``."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.frameworks import FrameworkTag, FrameworkTarget, FrameworkWay, ResultsFramework
from app.errors import NotFound
from app.http import lists
from app.http.access import Writer
from app.http.fields import Id
from app.http.lists import Listing, ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Writing
from app.http.versions import IfMatch, etag, locked, single
from app.results import frameworks as service
from app.results import tags as tagging
from app.results.frameworks import (
    FrameworkTargetIn,
    FrameworkTargetOut,
    FrameworkTargetPage,
    ResultsFrameworkIn,
    ResultsFrameworkOut,
    ResultsFrameworkPage,
)
from app.results.queries_frameworks import FRAMEWORKS, TAGS, TARGETS, WAYS
from app.results.tags import (
    CarryIn,
    CarryOut,
    FrameworkTagIn,
    FrameworkTagOut,
    FrameworkTagPage,
    FrameworkWayIn,
    FrameworkWayOut,
    FrameworkWayPage,
)

frameworks = api_router("/results-frameworks", "results")
targets = api_router("/framework-targets", "results")
tags = api_router("/framework-tags", "results")
crosswalk = api_router("/framework-crosswalk", "results")


def _one(request: Request, session: Session, listing: Listing, key: int, noun: str, *, status: int = 200) -> Response:
    item = lists.one(session, listing, listing.key == key)
    if item is None:
        raise NotFound(f"There is no {noun} {key}.")
    return single(request, item, tag=etag(key, item["version"]), status=status)


@frameworks.post(
    "/carry", summary="Carry tags from one framework to the next", response_model=CarryOut, responses=CHANGES
)
def carry_tags(body: CarryIn, actor: Writer, session: Writing) -> CarryOut:
    return tagging.carry_tags(session, actor, body)


@frameworks.get("", summary="List results frameworks", response_model=ListOf[ResultsFrameworkOut], responses=LISTS)
def list_results_framework(
    request: Request, session: Reading, query: Annotated[ResultsFrameworkPage, Query()]
) -> Response:
    return page(session, FRAMEWORKS, query).response(request)


@frameworks.get(
    "/{framework_id}", summary="Show a results framework", response_model=ResultsFrameworkOut, responses=GETS
)
def get_results_framework(request: Request, framework_id: Id, session: Reading) -> Response:
    return _one(request, session, FRAMEWORKS, framework_id, "results framework")


@frameworks.post(
    "",
    summary="Set a results framework; one that is known is changed",
    status_code=201,
    response_model=ResultsFrameworkOut,
    responses=CREATES,
)
def set_results_framework(
    request: Request, body: ResultsFrameworkIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        put = service.put_results_framework(session, actor, body)
        return _one(request, session, FRAMEWORKS, key(put.row), "results framework", status=201)

    return once.answer(session, work)


@frameworks.delete(
    "/{framework_id}", summary="Archive a results framework", response_model=ResultsFrameworkOut, responses=CHANGES
)
def archive_results_framework(
    request: Request, framework_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, ResultsFramework, framework_id, if_match, name="results framework")
    service.archive_for_the_whole(session, actor, row)
    return _one(request, session, FRAMEWORKS, framework_id, "results framework")


@frameworks.post(
    "/{framework_id}/restore",
    summary="Restore a results framework",
    response_model=ResultsFrameworkOut,
    responses=CHANGES,
)
def restore_results_framework(
    request: Request, framework_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, ResultsFramework, framework_id, if_match, name="results framework")
    service.restore_for_the_whole(session, actor, row)
    return _one(request, session, FRAMEWORKS, framework_id, "results framework")


@targets.get("", summary="List framework targets", response_model=ListOf[FrameworkTargetOut], responses=LISTS)
def list_framework_target(
    request: Request, session: Reading, query: Annotated[FrameworkTargetPage, Query()]
) -> Response:
    return page(session, TARGETS, query).response(request)


@targets.get("/{target_id}", summary="Show a framework target", response_model=FrameworkTargetOut, responses=GETS)
def get_framework_target(request: Request, target_id: Id, session: Reading) -> Response:
    return _one(request, session, TARGETS, target_id, "framework target")


@targets.post(
    "",
    summary="Set a framework target; one that is known is changed",
    status_code=201,
    response_model=FrameworkTargetOut,
    responses=CREATES,
)
def set_framework_target(
    request: Request, body: FrameworkTargetIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        row = service.put_framework_target(session, actor, body).row
        return _one(request, session, TARGETS, key(row), "framework target", status=201)

    return once.answer(session, work)


@targets.delete(
    "/{target_id}", summary="Archive a framework target", response_model=FrameworkTargetOut, responses=CHANGES
)
def archive_framework_target(
    request: Request, target_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, FrameworkTarget, target_id, if_match, name="framework target")
    service.archive_for_the_whole(session, actor, row)
    return _one(request, session, TARGETS, target_id, "framework target")


@targets.post(
    "/{target_id}/restore", summary="Restore a framework target", response_model=FrameworkTargetOut, responses=CHANGES
)
def restore_framework_target(
    request: Request, target_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, FrameworkTarget, target_id, if_match, name="framework target")
    service.restore_for_the_whole(session, actor, row)
    return _one(request, session, TARGETS, target_id, "framework target")


@tags.get("", summary="List framework tags", response_model=ListOf[FrameworkTagOut], responses=LISTS)
def list_framework_tag(request: Request, session: Reading, query: Annotated[FrameworkTagPage, Query()]) -> Response:
    return page(session, TAGS, query).response(request)


@tags.get("/{tag_id}", summary="Show a framework tag", response_model=FrameworkTagOut, responses=GETS)
def get_framework_tag(request: Request, tag_id: Id, session: Reading) -> Response:
    return _one(request, session, TAGS, tag_id, "framework tag")


@tags.post(
    "",
    summary="Set a framework tag; one that is known is changed",
    status_code=201,
    response_model=FrameworkTagOut,
    responses=CREATES,
)
def set_framework_tag(
    request: Request, body: FrameworkTagIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        put = tagging.put_tag(session, actor, body)
        return _one(request, session, TAGS, key(put.row), "framework tag", status=201)

    return once.answer(session, work)


@tags.delete("/{tag_id}", summary="Archive a framework tag", response_model=FrameworkTagOut, responses=CHANGES)
def archive_framework_tag(
    request: Request, tag_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, FrameworkTag, tag_id, if_match, name="framework tag")
    tagging.archive_tag(session, actor, row)
    return _one(request, session, TAGS, tag_id, "framework tag")


@tags.post("/{tag_id}/restore", summary="Restore a framework tag", response_model=FrameworkTagOut, responses=CHANGES)
def restore_framework_tag(
    request: Request, tag_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, FrameworkTag, tag_id, if_match, name="framework tag")
    tagging.restore_tag(session, actor, row)
    return _one(request, session, TAGS, tag_id, "framework tag")


@crosswalk.get("", summary="List ways between frameworks", response_model=ListOf[FrameworkWayOut], responses=LISTS)
def list_framework_way(request: Request, session: Reading, query: Annotated[FrameworkWayPage, Query()]) -> Response:
    return page(session, WAYS, query).response(request)


@crosswalk.get("/{way_id}", summary="Show a way between frameworks", response_model=FrameworkWayOut, responses=GETS)
def get_framework_way(request: Request, way_id: Id, session: Reading) -> Response:
    return _one(request, session, WAYS, way_id, "way between frameworks")


@crosswalk.post(
    "",
    summary="Set a way between frameworks; one that is known is changed",
    status_code=201,
    response_model=FrameworkWayOut,
    responses=CREATES,
)
def set_framework_way(
    request: Request, body: FrameworkWayIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        put = tagging.put_way(session, actor, body)
        return _one(request, session, WAYS, key(put.row), "way between frameworks", status=201)

    return once.answer(session, work)


@crosswalk.delete(
    "/{way_id}", summary="Archive a way between frameworks", response_model=FrameworkWayOut, responses=CHANGES
)
def archive_framework_way(
    request: Request, way_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, FrameworkWay, way_id, if_match, name="way between frameworks")
    service.archive_for_the_whole(session, actor, row)
    return _one(request, session, WAYS, way_id, "way between frameworks")


@crosswalk.post(
    "/{way_id}/restore", summary="Restore a way between frameworks", response_model=FrameworkWayOut, responses=CHANGES
)
def restore_framework_way(
    request: Request, way_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, FrameworkWay, way_id, if_match, name="way between frameworks")
    service.restore_for_the_whole(session, actor, row)
    return _one(request, session, WAYS, way_id, "way between frameworks")
