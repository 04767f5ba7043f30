"""What was taken over from a published file is told in words, with the lists of whichever vocabulary it names."""

import datetime as dt
import re
from pathlib import Path

from app.domain.access import LOCAL
from app.publishing.importing.run import Importer
from tests.api import Api
from tests.portfolio import choose_policies, set_up
from tests.web.people import signed_in

_CODE = "XM-EX-1-PROGRAMME-OUTPUT-00100002"
_FILE = f"""<iati-activities version="2.03"><iati-activity default-currency="USD">
<iati-identifier>{_CODE}</iati-identifier>
<reporting-org ref="XM-EX-1" type="40"><narrative>Example</narrative></reporting-org>
<title><narrative>Governance index</narrative></title>
<description><narrative>An index of governance</narrative></description>
<participating-org role="4" ref="XM-EX-1" type="40"><narrative>Example</narrative></participating-org>
<activity-status code="2"/>
<activity-date type="2" iso-date="2019-01-01"/><activity-date type="3" iso-date="2021-12-31"/>
<contact-info><email>registry@example.org</email></contact-info>
<recipient-country code="VN" percentage="100"/>
<sector vocabulary="1" code="15110" percentage="100"/>
<sector vocabulary="7" code="17" percentage="100"/>
<sector vocabulary="8" code="1.A" percentage="40"/><sector vocabulary="8" code="17.16" percentage="20"/>
<sector vocabulary="8" code="1.A" percentage="40"/>
<sector vocabulary="99" code="GOV" percentage="100"/>
<budget type="1" status="2"><period-start iso-date="2019-01-01"/><period-end iso-date="2019-12-31"/>
<value value-date="2019-01-01">6000000</value></budget>
<transaction><transaction-type code="4"/><transaction-date iso-date="2021-03-31"/>
<value value-date="2021-03-31">500.00</value></transaction>
</iati-activity></iati-activities>"""


def _take_over(api: Api, folder: Path) -> None:
    with api.database.write("tests") as session:
        set_up(session)
    path = folder / "activities.xml"
    path.write_text(_FILE, encoding="utf-8")
    (report,) = Importer(api.database, LOCAL, as_of=dt.date(2026, 11, 27)).run([path]).files
    assert report.counts["activities_read"] == 1, report


def test_shares_stand_by_vocabulary_and_in_words(light_api: Api, tmp_path: Path) -> None:
    _take_over(light_api, tmp_path)
    text = signed_in(light_api).get("/projects/1").text
    shares = re.findall(r"<dt>([^<]*)</dt><dd>\d+\xa0?%</dd>", text)
    assert shares[:3] == ["Viet Nam", "Public sector policy and administrative management", shares[2]]
    goal, target, other, again, own = shares[2:]
    assert goal.startswith("17 · Goal 17. Strengthen the means")
    # the list writes the letter small
    assert target.startswith("1.A · Ensure significant mobilization")
    assert other.startswith("17.16 · ")
    assert again == target
    assert target.endswith(" …")
    # nobody but the publisher knows the words of its own codes
    assert own == "GOV"
    assert len(re.findall(r"<h3>Sectors", text)) == 4
    assert text.count("registry@example.org") == 1
    assert "Taken over from a published file" in text
    assert "Not yet published" not in text


def test_a_year_without_money_leads_to_the_newest_that_has_some(light_api: Api, tmp_path: Path) -> None:
    _take_over(light_api, tmp_path)
    client = signed_in(light_api)
    text = client.get("/delivery?period=2026").text
    assert "The newest posting is of 2021." in text
    (address,) = re.findall(r'<div class="nothing">.*?href="([^"]*)"', text, flags=re.DOTALL)
    assert client.get(f"/delivery{address.replace('&amp;', '&')}").text.count('class="nothing"') == 0
    # what was known on another day, or what is of one project, may have nothing in that year
    for narrowed in ("as_of=1999-05-01", "period=2026&project=NO-1", "period=2026&by=project&unit=NONE"):
        answer = client.get(f"/delivery?{narrowed}")
        assert "The newest posting is of" not in answer.text, narrowed
        assert answer.status_code != 200 or 'class="nothing"' in answer.text


def test_windows_of_projects_with_long_codes_are_told_apart_by_their_titles(light_api: Api, tmp_path: Path) -> None:
    _take_over(light_api, tmp_path)
    with light_api.database.write("tests") as session:
        choose_policies(session)
    picture = re.search(
        r'<svg class="chart timeline".*?</svg>', signed_in(light_api).get("/evaluations").text, re.DOTALL
    )
    assert picture is not None
    assert "Governance index" in picture[0]
    assert "XM-EX-1-PRO" not in picture[0]


def test_a_rule_that_says_the_same_in_many_places_says_it_once(light_api: Api, tmp_path: Path) -> None:
    _take_over(light_api, tmp_path)
    text = signed_in(light_api).get("/projects/1/publication").text
    told = re.findall(r"<td>([^<]*is no code of the list UNSDG-Targets[^<]*)</td><td>(.*?)</td>", text)
    assert [place for _, place in told] == ['<code>sector[3]/@code</code> <span class="quiet">and 1 more</span>']
