"""``/risks`` of projects and units."""

from app.db.risks import Risk
from app.http.nouns import Noun, add_and_change
from app.http.router import api_router
from app.projects import risks as service
from app.projects.queries_risks import RISKS
from app.projects.schemas_risks import RiskIn, RiskOut, RiskPage, RiskPatch

risks = api_router("/risks", "risks")

add_and_change(
    risks,
    Noun(
        row=Risk,
        listing=RISKS,
        shown=RiskOut,
        query=RiskPage,
        one="risk",
        many="risks",
        name="risk",
        names="risks",
        key="risk_id",
        archive=service.archive_risk,
        restore=service.restore_risk,
    ),
    RiskIn,
    RiskPatch,
    service.create_risk,
    service.update_risk,
)
