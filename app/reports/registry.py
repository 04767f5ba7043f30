"""Every report, by name. A further one is a module of this package and a line here."""

from app.reports.delivery import DELIVERY
from app.reports.evaluations import EVALUATIONS
from app.reports.frame import Report

REPORTS: tuple[Report, ...] = (DELIVERY, EVALUATIONS)
