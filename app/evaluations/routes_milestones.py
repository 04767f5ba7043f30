"""``/milestones`` of evaluation strategies."""

from app.db.evaluations import StrategyMilestone
from app.domain.access import Right
from app.evaluations import milestones as service
from app.evaluations.queries_milestones import MILESTONES
from app.evaluations.schemas_milestones import MilestoneIn, MilestoneOut, MilestonePage, MilestonePatch
from app.http.nouns import Noun, add_and_change
from app.http.router import api_router

milestones = api_router("/milestones", "evaluations")

add_and_change(
    milestones,
    Noun(
        row=StrategyMilestone,
        listing=MILESTONES,
        shown=MilestoneOut,
        query=MilestonePage,
        one="milestone",
        many="milestones",
        name="milestone",
        names="milestones",
        key="milestone_id",
        right=Right.EVALUATE,
        archive=service.archive_milestone,
        restore=service.restore_milestone,
    ),
    MilestoneIn,
    MilestonePatch,
    service.create_milestone,
    service.update_milestone,
)
