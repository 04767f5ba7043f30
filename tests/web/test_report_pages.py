"""Reports as pages: what the API says, with words and a picture, and files of exactly this."""

import datetime as dt
import re

import pytest

from app.domain.terms import Role
from app.language import i18n
from app.reports.frame import ReportTable
from app.reports.giving import OTHERS
from app.reports.registry import REPORTS
from app.web.views import reports as views
from tests.api import Api
from tests.web import example
from tests.web.people import signed_in


def test_every_report_opens_with_its_definition_and_gives_exactly_this_as_files(light_api: Api) -> None:
    example.fill(light_api)
    vera = signed_in(light_api, Role.VIEWER, name="vera", language="fr")
    for report in REPORTS:
        assert vera.get(f"/reports/{report.name}").status_code == 200, report.name
    asked = {"period": "2026", "by": "unit", "as_of": "2026-01-31"}
    page = vera.get("/reports/delivery", params=asked)
    assert "Regional Office for Africa" in page.text
    assert 'class="chart' not in page.text, "one bar compares nothing"
    table = vera.get("/reports/delivery", params={**asked, "format": "json"}).json()
    told = light_api.client(Role.VIEWER).get("/reports/delivery", params=asked).json()
    assert table == told
    assert vera.get("/reports/delivery", params={**asked, "format": "csv"}).text.startswith("\ufeffunit,")
    named = vera.get("/reports/delivery", params={**asked, "format": "csv", "labels": "true"}).text
    assert named.splitlines()[1].startswith("ROAF,Regional Office for Africa,")
    assert vera.get("/reports/delivery", params={**asked, "format": "xlsx"}).content[:2] == b"PK"
    quoted = re.search(r'class="secret" href="[^"]*(/reports/delivery\?[^"]*)"', page.text)
    assert quoted is not None
    assert "recorded_at=" in quoted[1]
    again = vera.get(quoted[1].replace("&amp;", "&"))
    assert again.status_code == 200
    # the moment as people write it
    assert re.search(r"\d{1,2}(er)? \S+ \d{4}, \d\d:\d\d UTC</p>", again.text.partition("</h1>")[2])


def test_sectors_and_kinds_of_partners_are_called_by_their_names(light_api: Api) -> None:
    example.fill(light_api)
    code = light_api.client(Role.ADMIN).get("/projects").json()["items"][0]["code"]
    officer = light_api.client(Role.ADMIN)
    row = {"project": code, "type": "4", "amount": "10", "currency": "USD", "date": "2026-01-15", "sector": "16020"}
    assert officer.post("/transactions", json={**row, "document": "S-1"}).status_code == 201
    vera = signed_in(light_api, Role.VIEWER, name="vera", language="fr")
    asked = {"period": "2026", "as_of": "2026-01-31"}
    page = vera.get("/reports/delivery", params={**asked, "by": "sector"}).text
    assert "16020" not in page.partition("<table")[2].partition("</table>")[0]
    page = vera.get("/reports/delivery", params={**asked, "by": ["category", "assistance"]}).text
    assert "ce qu’est le partenaire de l’accord de la ligne" in page


def test_a_report_that_is_asked_wrongly_says_why_and_keeps_what_was_typed(light_api: Api) -> None:
    example.fill(light_api)
    vera = signed_in(light_api, Role.VIEWER, name="vera")
    wrong = vera.get("/reports/delivery", params={"period": "next year", "by": "colour", "unheard": "1"})
    assert wrong.status_code == 422
    assert 'value="next year"' in wrong.text
    assert vera.get("/reports/wishes").status_code == 404
    assert "Name the partner" in vera.get("/reports/partner-briefing").text
    dashboard = vera.get("/dashboard?period=2026").text
    assert "/reports/approvals?period=2022..2026" in dashboard
    years = vera.get("/dashboard/years?period=2026").text
    assert [text in years for text in ("1,000,000", "125,000", "25.0%", "Table of 2022 to 2026")] == [True] * 4
    assert vera.get("/dashboard/years?period=0001").status_code == 200


def test_what_reports_write_themselves_is_said_in_the_language_and_no_column_bears_the_name_of_a_button(
    light_api: Api,
) -> None:
    example.fill(light_api)
    for language, others, column in (
        ("fr", "Tous les autres", "Variation"),
        ("es", "Todos los demás", "Variación"),
    ):
        words = i18n.words(language)
        assert views.named("partner", OTHERS, {}, words) == others
        assert words.word("change") == column != words.gettext("Change")
        someone = signed_in(light_api, Role.VIEWER, name=f"vera-{language}", language=language)
        page = someone.get("/reports/approvals?period=2022..2026").text
        table = page.partition("<table")[2].partition("</table>")[0]
        # the two points are how a period is typed; it is told once, but for who sees the table alone
        assert page.count("2022–2026 · ") == 1
        assert "2022–2026" not in table
        alone = someone.get("/reports/approvals?period=2022..2026", headers={"HX-Request": "true"}).text
        assert "<caption>2022–2026 · " in alone
        assert f'<th scope="row">{words.gettext("All together")}</th>' in table
        assert "2022..2026 · " not in table


@pytest.mark.parametrize(
    ("report", "name", "rate"),
    [
        ("approvals", "change", True), ("approvals", "growth", True), ("approvals", "amount", False),
        ("contributors", "growth", True), ("results", "over_target", True), ("results", "target", False),
        # the difference of two scores is a score
        ("assessments", "change", False), ("assessments", "mean_of_items", False),
        ("delivery", "rate", True), ("delivery", "target", True), ("delivery", "to_target", False),
        ("approvals", "share_of_locally_mobilised", True), ("approvals", "locally_mobilised", False),
        ("earmarking", "multi_annual_target", True), ("earmarking", "multi_annual_to_target", False),
        ("delivery", "rate 2025", True), ("delivery", "target 2025", True), ("delivery", "allocation 2025", False),
    ],
)  # fmt: skip
def test_what_is_in_percent_has_its_sign_and_nothing_else_has(report: str, name: str, rate: bool) -> None:
    table = ReportTable(
        report=report, definition="", period="2026", periods=(), as_of=dt.date(2026, 1, 1), columns=(name,), rows=(),
        totals={},
    )  # fmt: skip
    assert views.is_rate(table, name) is rate


def test_figures_of_several_periods_are_called_in_the_language() -> None:
    words = i18n.words("fr")
    assert views.heading("rate 2025", words) == f"{words.word('rate')} 2025" == "Taux 2025"
    assert views.heading("rate FY2025", words) == "Taux FY2025"
    assert views.heading("2025", words) == "2025"


def test_an_amount_that_fell_due_is_not_called_as_a_day_is() -> None:
    for language, amount, day in (
        ("en", "Fallen due", "Due"),
        ("fr", "Échu", "Échéance"),
        ("es", "Vencido", "Vencimiento"),
    ):
        words = i18n.words(language)
        assert views.heading("due", words, is_figure=True) == amount
        assert views.heading("due", words) == day


def test_a_report_of_a_donor_is_called_as_it_is_and_not_spelt_out() -> None:
    for language in i18n.LANGUAGES:
        words = i18n.words(language)
        assert [views.heading(name, words) for name in ("NLD-2021", "mopan_2021-A", "2021-MOPAN")] == [
            "NLD-2021", "mopan_2021-A", "2021-MOPAN",
        ]  # fmt: skip


def test_a_table_leads_to_the_records_that_it_names_and_calls_codes_by_their_names(light_api: Api) -> None:
    example.fill(light_api)
    vera = signed_in(light_api, Role.VIEWER, name="vera", language="es")
    page = vera.get("/reports/delivery", params={"period": "2026", "by": "project", "as_of": "2026-06-30"}).text
    assert '<a href="/projects?code=RAF%2F1">Wells &amp; pumps</a>' in page
    spanish = i18n.words("es")
    names = {"countries": {"KE": "Kenia", "UG": "Uganda"}}
    assert views.named("countries", "KE|UG", names, spanish) == "Kenia, Uganda"
    assert views.named("outcomes", "1|3", names, spanish) == "1, 3"


def test_small_sums_of_a_year_are_not_drawn_as_nothing(light_api: Api) -> None:
    example.fill(light_api)
    vera = signed_in(light_api, Role.VIEWER, name="vera")
    page = vera.get("/reports/approvals?period=2025..2026").text
    assert "0.0 M" not in page
