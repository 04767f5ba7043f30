"""Every report, by name. A further one is a module of this package and a line here."""

from app.reports.agreement_findings import AGREEMENT_FINDINGS
from app.reports.agreements_due import AGREEMENTS_DUE
from app.reports.approvals import APPROVALS
from app.reports.assessments import ASSESSMENTS
from app.reports.contributors import CONTRIBUTORS
from app.reports.country_programmes import COUNTRY_PROGRAMMES
from app.reports.delivery import DELIVERY
from app.reports.earmarking import EARMARKING
from app.reports.evaluations import EVALUATIONS
from app.reports.expenditure import EXPENDITURE
from app.reports.frame import Report
from app.reports.institutional_budget import INSTITUTIONAL_BUDGET
from app.reports.lessons import LESSONS
from app.reports.outcomes import OUTCOMES
from app.reports.partner_briefing import PARTNER_BRIEFING
from app.reports.pipeline import PIPELINE
from app.reports.portfolio import PORTFOLIO
from app.reports.receipts import RECEIPTS
from app.reports.recommendations import RECOMMENDATIONS
from app.reports.regions import REGIONS
from app.reports.results import RESULTS
from app.reports.risks import RISKS
from app.reports.support_cost import SUPPORT_COST
from app.reports.under_delivery import UNDER_DELIVERY

REPORTS: tuple[Report, ...] = (
    AGREEMENT_FINDINGS,
    AGREEMENTS_DUE,
    APPROVALS,
    ASSESSMENTS,
    CONTRIBUTORS,
    COUNTRY_PROGRAMMES,
    DELIVERY,
    EARMARKING,
    EVALUATIONS,
    EXPENDITURE,
    INSTITUTIONAL_BUDGET,
    LESSONS,
    OUTCOMES,
    PARTNER_BRIEFING,
    PIPELINE,
    PORTFOLIO,
    RECEIPTS,
    RECOMMENDATIONS,
    REGIONS,
    RESULTS,
    RISKS,
    SUPPORT_COST,
    UNDER_DELIVERY,
)
