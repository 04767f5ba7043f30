"""Two units, OWN and OTHER, with a project and a pool each, and agreements of the one, the other and both."""

from app.db.engine import Database
from tests import portfolio


def fill(database: Database) -> int:
    """Gives the key of the unit OWN."""
    with database.write("tests") as session:
        portfolio.set_up(session)
        own, other = (portfolio.unit(session, code) for code in ("OWN", "OTHER"))
        partner = portfolio.partner(session, "NLD")
        projects = {code: portfolio.project(session, f"{code}/1", unit=code).id or 0 for code in ("OWN", "OTHER")}
        for reference, funded in (("A-OWN", ["OWN"]), ("A-OTHER", ["OTHER"]), ("A-BOTH", ["OWN", "OTHER"])):
            agreement = portfolio.agreement(session, reference, partner.id or 0)
            agreement.preset = "project"
            for code in funded:
                portfolio.share(session, agreement.id or 0, projects[code], percent="30")
        portfolio.pool(session, "RBSA").unit_id = other.id
        for unit in (own, other):
            portfolio.pool(session, f"POOL-{unit.code}").unit_id = unit.id
        return own.id or 0
