"""A published file of any size: activities as the aims for export and import describe them."""

from pathlib import Path

PUBLISHER = "XM-DAC-41302"
TEXT = "Young people find and keep work that pays. "


def activity(number: int) -> str:
    """20 transactions, 3 budgets, 2 sectors, 1 result with 3 indicators, 1 document."""
    code = f"{PUBLISHER}-BENCH-{number:06}"
    donor = number % 40 + 1
    budgets = "".join(
        f'<budget type="1" status="2"><period-start iso-date="{year}-01-01"/><period-end iso-date="{year}-12-31"/>'
        f'<value currency="USD" value-date="2021-01-01">{number + year}.50</value></budget>'
        for year in (2021, 2022, 2023)
    )
    commitment = (
        f'<transaction ref="C-{number}"><transaction-type code="11"/><transaction-date iso-date="2021-01-15"/>'
        f'<value currency="USD" value-date="2021-01-15">{number * 100}.00</value>'
        f'<provider-org ref="XM-DAC-{donor}" provider-activity-id="XM-DAC-{donor}-{number}">'
        f'<narrative>Ministry {donor}</narrative></provider-org><aid-type code="C01"/></transaction>'
    )
    spending = "".join(
        f'<transaction><transaction-type code="4"/><transaction-date iso-date="202{1 + month // 12}-'
        f'{month % 12 + 1:02}-28"/><value currency="USD" value-date="2021-06-30">{number + month}.25</value>'
        f"<description><narrative>Expenditure of month {month} &amp; more</narrative></description></transaction>"
        for month in range(19)
    )
    indicators = "".join(
        f'<indicator measure="1"><title><narrative>Indicator {each}</narrative></title>'
        f'<baseline year="2020" value="0"/><period><period-start iso-date="2021-01-01"/>'
        f'<period-end iso-date="2021-12-31"/><target value="{each}00"/><actual value="{each}5"/></period></indicator>'
        for each in (1, 2, 3)
    )
    return (
        f'<iati-activity last-updated-datetime="2024-05-06T07:08:09Z" xml:lang="en" default-currency="USD">'
        f"<iati-identifier>{code}</iati-identifier>"
        f'<reporting-org ref="{PUBLISHER}" type="40"><narrative>Agency</narrative></reporting-org>'
        f"<title><narrative>Decent work, phase {number}</narrative></title>"
        f'<description type="1"><narrative>{TEXT * 6}</narrative></description>'
        f'<participating-org ref="XM-DAC-{donor}" type="10" role="1"><narrative>Ministry {donor}</narrative>'
        f'</participating-org><participating-org ref="{PUBLISHER}" type="40" role="4"><narrative>Agency</narrative>'
        '</participating-org><activity-status code="2"/><activity-date type="1" iso-date="2021-01-01"/>'
        '<activity-date type="2" iso-date="2021-02-01"/><activity-date type="3" iso-date="2027-12-31"/>'
        '<recipient-country code="KE" percentage="100"/><sector code="16020" percentage="60"/>'
        '<sector code="11330" percentage="40"/><default-flow-type code="10"/><default-aid-type code="C01"/>'
        f"{budgets}{commitment}{spending}"
        f'<document-link url="https://agency.example/{number}.pdf" format="application/pdf"><title><narrative>'
        'Programme document</narrative></title><category code="A02"/><language code="en"/></document-link>'
        f'<result type="2"><title><narrative>More jobs</narrative></title>{indicators}</result></iati-activity>\n'
    )


def write(path: Path, count: int, *, first: int = 1) -> Path:
    """A file of ``count`` activities, numbered from ``first``."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write('<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03">\n')
        for number in range(first, first + count):
            stream.write(activity(number))
        stream.write("</iati-activities>\n")
    return path
