"""``/admin/policies``: which rules are in force, and what they say."""

from starlette.responses import Response

from app.errors import NotFound
from app.evaluations import queries
from app.evaluations.policies.queries import POLICIES
from app.evaluations.policies.schemas import PolicyPage
from app.http.lists import page as page_of
from app.web.page import Crumb, PageReading, page_router

router = page_router()


@router.get("/admin/policies")
def list_policies(page: PageReading) -> Response:
    query, given = page.query(PolicyPage)
    listed = page_of(page.session, POLICIES, query)
    if query.format != "json":
        return listed.file()
    return page.show("policies/list.html", listed=listed, query=given)


@router.get("/admin/policies/{policy_id}")
def show_policy(page: PageReading, policy_id: int) -> Response:
    found = queries.show(page.session, POLICIES, policy_id)
    if found is None:
        raise NotFound(f"There is no policy {policy_id}.")
    crumbs = [Crumb(label=page.t("Evaluation policies"), address="/admin/policies")]
    return page.show("policies/policy.html", policy=found, crumbs=crumbs)
