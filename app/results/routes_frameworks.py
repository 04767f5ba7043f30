"""``/results-frameworks``, ``/framework-targets``, ``/framework-tags`` and ``/framework-crosswalk``."""

from app.db.frameworks import FrameworkTag, FrameworkTarget, FrameworkWay, ResultsFramework
from app.http.access import Writer
from app.http.nouns import Noun, set_by_key
from app.http.router import CHANGES, api_router
from app.http.sessions import Writing
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


@frameworks.post(
    "/carry", summary="Carry tags from one framework to the next", response_model=CarryOut, responses=CHANGES
)
def carry_tags(body: CarryIn, actor: Writer, session: Writing) -> CarryOut:
    return tagging.carry_tags(session, actor, body)


set_by_key(
    frameworks,
    Noun(
        row=ResultsFramework,
        listing=FRAMEWORKS,
        shown=ResultsFrameworkOut,
        query=ResultsFrameworkPage,
        one="results framework",
        many="results frameworks",
        name="results_framework",
        names="results_framework",
        key="framework_id",
        archive=service.archive_for_the_whole,
        restore=service.restore_for_the_whole,
    ),
    ResultsFrameworkIn,
    service.put_results_framework,
)

set_by_key(
    targets,
    Noun(
        row=FrameworkTarget,
        listing=TARGETS,
        shown=FrameworkTargetOut,
        query=FrameworkTargetPage,
        one="framework target",
        many="framework targets",
        name="framework_target",
        names="framework_target",
        key="target_id",
        archive=service.archive_for_the_whole,
        restore=service.restore_for_the_whole,
    ),
    FrameworkTargetIn,
    service.put_framework_target,
)

set_by_key(
    tags,
    Noun(
        row=FrameworkTag,
        listing=TAGS,
        shown=FrameworkTagOut,
        query=FrameworkTagPage,
        one="framework tag",
        many="framework tags",
        name="framework_tag",
        names="framework_tag",
        key="tag_id",
        archive=tagging.archive_tag,
        restore=tagging.restore_tag,
    ),
    FrameworkTagIn,
    tagging.put_tag,
)

set_by_key(
    crosswalk,
    Noun(
        row=FrameworkWay,
        listing=WAYS,
        shown=FrameworkWayOut,
        query=FrameworkWayPage,
        one="way between frameworks",
        many="ways between frameworks",
        name="framework_way",
        names="framework_way",
        key="way_id",
        archive=service.archive_for_the_whole,
        restore=service.restore_for_the_whole,
    ),
    FrameworkWayIn,
    tagging.put_way,
)
