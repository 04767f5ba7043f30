"""Reports speak the language of whoever reads them, and of a currency only where they tell amounts."""

import io
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from app.domain.access import LOCAL
from app.domain.contributions import Indicator
from app.domain.regions import INTERREGIONAL, REGIONS
from app.domain.terms import Role
from app.language import i18n
from app.reports.frame import ReportTable
from app.reports.registry import REPORTS
from app.reports.results import SHARE
from app.reports.service import run
from app.spending.schemas import RateIn
from app.spending.service import create_rate
from app.web.views import reports as views
from tests.api import Api
from tests.web import example
from tests.web.people import signed_in

OTHERS = sorted(set(i18n.LANGUAGES) - {i18n.USUAL})
#: what stands in reports where there is something to tell, beyond what the example has
ALSO = (
    "to_target", "target 2026", "to_target 2026", "framework", "level", "title", "unit", "loaded", "before",
    "against_target", "baseline", "target_text", "result_text", "countries", "attributed", "attributed_share",
    *REGIONS, INTERREGIONAL, *(f"target_{region}" for region in REGIONS),
    *(f"{indicator.value.removesuffix('_share')}{aim}" for indicator in Indicator for aim in ("_target", "_to_target")),
)  # fmt: skip


def tables(api: Api, currency: str | None = None) -> Iterator[ReportTable]:
    """Every report in each of its forms, by each of its dimensions, of one year and of several."""
    with api.database.read() as session:
        for report in REPORTS:
            given = {"partner": "NLD"} if report.name == "partner-briefing" else {}
            for variant in report.variants or (None,):
                dimensions = () if variant in report.own_rows else report.dimensions
                for by in [(), *((name,) for name in dimensions)]:
                    for period in ("2026", "2025..2026"):
                        yield run(
                            session, report.name, period=period, as_of=example.DAY, by=by, variant=variant,
                            options=given, currency=currency,
                        )  # fmt: skip


@pytest.mark.parametrize("language", OTHERS)
def test_every_heading_of_every_report_is_said_in_the_language(light_api: Api, language: str) -> None:
    example.fill(light_api)
    english, other = i18n.words(i18n.USUAL), i18n.words(language)
    names = {name for table in tables(light_api) for name in (*table.columns, *table.totals)}
    for report in REPORTS:
        names |= {report.name, *report.dimensions, *report.variants, *report.options}
    names = {name for name in (*names, *ALSO) if not name.isdigit()}
    alike = {name for name in names if views.heading(name, english) == views.heading(name, other)}
    # a word may be the same in both languages, and then the catalogue says so
    assert {name for name in alike if not other.knows(i18n.spelled(name.partition(" ")[0]))} == set()


#: reports of counts, dates, scores and shares, and of amounts that each are in the currency of their row
WITHOUT = {
    "agreements-due", "assessments", "country-programmes", "evaluations", "lessons", "recommendations", "results",
    "risks",
}  # fmt: skip


def test_a_report_speaks_of_a_currency_where_its_figures_follow_it_and_nowhere_else(light_api: Api) -> None:
    example.fill(light_api)
    with light_api.database.write("tests") as session:
        rate = {"currency": "XOF", "effective_on": "2020-01-01", "rate": "100"}
        create_rate(session, LOCAL, RateIn.model_validate(rate))
    pairs = list(zip(tables(light_api, "USD"), tables(light_api, "XOF"), strict=True))
    follows = {dollars.report for dollars, francs in pairs if [*dollars.rows] != [*francs.rows]}
    assert {dollars.report for dollars, _ in pairs if not dollars.currency} == WITHOUT
    assert follows & WITHOUT == set()
    vera = signed_in(light_api, Role.VIEWER, name="vera")
    for name in WITHOUT:
        page = vera.get(f"/reports/{name}").text
        assert "USD" not in page.partition("<main")[2].partition("<h2>How these")[0], name
        assert 'name="currency"' not in page, name
        sheets = load_workbook(io.BytesIO(vera.get(f"/reports/{name}?format=xlsx").content))
        assert "currency" not in {row[0].value for row in sheets["About"].rows}, name
        assert "# currency" not in vera.get(f"/reports/{name}?format=csv").text, name
        assert vera.get(f"/reports/{name}?format=json").json()["currency"] == "", name
    assert "Amounts of agreements in the currency of their row" in vera.get("/reports/receipts").text
    assert "Amounts in USD." in vera.get("/reports/delivery?period=2026").text


def test_names_of_dimensions_with_strokes_are_said_and_references_stay() -> None:
    french = i18n.words("fr")
    assert views.heading("unit-region", french) == "Région de l’unité"
    assert views.heading("recorded-region", french) == "Région enregistrée"
    assert views.heading("NLD-2021", french) == "NLD-2021"


def test_shares_of_regions_have_the_sign_of_a_percentage(light_api: Api) -> None:
    with light_api.database.read() as session:
        table = run(session, "results", period="2026", as_of=example.DAY, variant=SHARE)
        counts = run(session, "results", period="2026", as_of=example.DAY)
    assert {views.is_rate(table, region) for region in (*REGIONS, INTERREGIONAL)} == {True}
    assert not any(views.is_rate(counts, region) for region in (*REGIONS, INTERREGIONAL))
    assert not views.is_rate(table, "result")
