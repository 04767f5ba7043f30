"""``/admin/policies``: which rules are in force, what they say and said, and what others would change."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff

from sqlmodel import Session
from starlette.responses import Response

from app.db.base import key
from app.db.evaluations import EvaluationPolicy
from app.domain.access import Right
from app.domain.findings import refused
from app.errors import InvalidInput, NotFound
from app.evaluations import queries
from app.evaluations.policies import service
from app.evaluations.policies.queries import POLICIES
from app.evaluations.policies.schemas import PolicyPage, RetirementIn
from app.evaluations.policies.shipped import shipped, shipped_text, template_text
from app.http.fields import Id
from app.http.lists import Shown
from app.http.lists import page as page_of
from app.web.filling import Sheet, ask, create, once_of
from app.web.forms import Form
from app.web.page import Crumb, Page, PagePosting, PageReading, PostingPage, page_router
from app.web.queries_duties import ProjectName, project_names
from app.web.session import take_kept
from app.web.views.policies import rules_in_words

router = page_router()

RETIREMENT_FORM = Form(model=RetirementIn)
#: projects that are looked at, at once, for what a policy would change; and effects that are shown of them
_LOOKED_AT, _SHOWN = 1000, 50
#: versions of a policy that its page lists
_VERSIONS = 50


@router.get("/admin/policies")
def list_policies(page: PageReading) -> Response:
    query, given = page.query(PolicyPage)
    listed = page_of(page.session, POLICIES, query)
    if query.format != "json":
        return listed.file()
    return page.show("policies/list.html", listed=listed, query=given, may_look=page.may(Right.EVALUATE))


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A text as somebody wrote it, and what was found when it was looked at."""

    text: str
    findings: tuple[service.FindingShown, ...] = ()
    loadable: bool = False
    compared: service.Compared | None = None


@router.get("/admin/policies/new")
def new_policy(page: PageReading) -> Response:
    page.actor.require(Right.EVALUATE)
    left = take_kept(page.session, page.visitor, page.request.url)
    if left is not None:
        return _written(page, Looked(text=dict(left).get("document", "").replace("\r\n", "\n")), kept=True)
    name = page.request.query_params.get("example", "")
    text = shipped_text(name) if name in shipped() else template_text()
    return _written(page, Looked(text=text))


@router.get("/admin/policies/{policy_id}/edit")
def edit_policy(page: PageReading, policy_id: Id) -> Response:
    page.actor.require(Right.EVALUATE)
    return _written(page, Looked(text=_policy(page.session, policy_id)["document"]))


@router.post("/admin/policies/new")
def look_at_policy(page: PagePosting) -> Response:
    """Checks the text, tells what it would change, or stores it: as the button says."""
    page.actor.require(Right.EVALUATE)
    what = page.value("what") or "check"
    try:
        text = page.value("document", most=200_000).replace("\r\n", "\n")
    except InvalidInput as refusal:
        # what was typed stays, with the character that is to be taken out
        return _written(page, Looked(text=page.typed("document"), findings=_told(refusal)), what="check")
    with page.read() as session:
        checked = service.check_policy(session, text)
        compared = None
        if what == "compare" and checked.policy is not None:
            compared = service.compare_some(session, checked.policy, page.today, after=0, most=_LOOKED_AT)
    looked = Looked(
        text=text,
        findings=tuple(service.finding_as_dict(finding) for finding in checked.findings),
        loadable=checked.policy is not None and not refused(checked.findings),
        compared=compared,
    )
    if what != "store" or not looked.loadable:
        return _written(page, looked, what=what)
    try:
        return _store(page, text)
    except InvalidInput as refusal:
        return _written(page, Looked(text=text, findings=_told(refusal)), what=what)


def _told(refusal: InvalidInput) -> tuple[service.FindingShown, ...]:
    return tuple(
        service.FindingShown(rule=each.rule, severity="error", line=None, pointer=each.pointer, message=each.message)
        for each in refusal.faults
    )


def _store(page: PostingPage, text: str) -> Response:
    with page.write() as session:

        def work() -> Response:
            put = service.put_policy(session, page.actor, text, today=page.today)
            same = put.outcome == "unchanged"
            told = page.t("The policy says what it said before.") if same else page.t("The policy is stored.")
            return page.go(f"/admin/policies/{key(put.row)}", session, told)

        return once_of(page).answer(session, work)


def _written(page: Page, looked: Looked, *, what: str = "", kept: bool = False) -> Response:
    """The form with the text, and below it what was found."""
    effects = looked.compared.effects[:_SHOWN] if looked.compared else ()
    names: Mapping[str, ProjectName] = {}
    if effects:
        with page.database.read() as session:
            names = project_names(session, page.words.language, {each.difference.project for each in effects})
    return page.show(
        "policies/write.html",
        status=422 if what and not looked.loadable else 200,
        looked=looked,
        summary=[
            (
                "#f-document",
                page.t("Line %(n)s", n=page.words.number(each["line"])) if each["line"] else "",
                each["message"],
            )
            for each in looked.findings
        ],
        what=what,
        kept=kept,
        effects=effects,
        names=names,
        more=len(looked.compared.effects) - len(effects) if looked.compared else 0,
        examples=shipped(),
        may_store=page.may(Right.ADMINISTER),
        once=secrets.token_urlsafe(16),
        crumbs=[_crumb(page)],
    )


@router.get("/admin/policies/{policy_id}")
def show_policy(page: PageReading, policy_id: Id) -> Response:
    found = _policy(page.session, policy_id)
    asked = PolicyPage(code=[found["code"]], limit=_VERSIONS, sort="-id")
    versions = page_of(page.session, POLICIES, asked).items
    before = next((each for each in versions if each["sequence"] == found["sequence"] - 1), None)
    return page.show(
        "policies/policy.html",
        policy=found,
        rules=rules_in_words(found["document"], page.words),
        versions=versions,
        changed=_changed(before["document"], found["document"]) if before else [],
        may_look=page.may(Right.EVALUATE),
        may_retire=page.may(Right.ADMINISTER) and not found["retired"] and versions[0]["id"] == policy_id,
        crumbs=[_crumb(page)],
    )


def _changed(before: str, after: str) -> list[tuple[str, str]]:
    """Lines that differ between two texts with their neighbours: a sign and the line."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""))[2:]
    return [(line[:1], line[1:]) for line in lines]


def _policy(session: Session, policy_id: int) -> Shown:
    found = queries.show(session, POLICIES, policy_id)
    if found is None:
        raise NotFound(f"There is no policy {policy_id}.")
    return found


def _retirement(page: Page, policy_id: int) -> Sheet[RetirementIn]:
    return Sheet(
        form=RETIREMENT_FORM,
        title=page.t("Take the policy out of force"),
        back=f"/admin/policies/{policy_id}",
        crumbs=(_crumb(page),),
        button=page.t("Take it out of force"),
    )


@router.get("/admin/policies/{policy_id}/retire")
def ask_retirement(page: PageReading, policy_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)
    _policy(page.session, policy_id)
    return ask(page, _retirement(page, policy_id))


@router.post("/admin/policies/{policy_id}/retire")
def retire(page: PagePosting, policy_id: Id) -> Response:
    page.actor.require(Right.ADMINISTER)

    def store(session: Session, body: RetirementIn) -> str:
        row = session.get(EvaluationPolicy, policy_id, with_for_update=True)
        if row is None:
            raise NotFound(f"There is no policy {policy_id}.")
        service.retire_policy(session, page.actor, row, last_day=body.last_day)
        return f"/admin/policies/{policy_id}"

    return create(page, _retirement(page, policy_id), store, page.t("The policy is out of force."))


def _crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Evaluation policies"), address="/admin/policies")
