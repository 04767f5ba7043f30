"""Small files to validate, and what was found in them."""

from datetime import date

from iati.validator import Finding, Report, validate

AS_OF = date(2026, 11, 20)

#: A valid activity that no rule has anything to say about; tests put something in or take something out.
ACTIVITY = """<iati-activity default-currency="USD" xml:lang="en" {attributes}>
<iati-identifier>{identifier}</iati-identifier>
<reporting-org ref="XM-DAC-41122" type="40"><narrative>Office</narrative></reporting-org>
<title><narrative>Water</narrative></title>
<description><narrative>Wells</narrative></description>
<participating-org role="1" type="10" ref="XM-DAC-7"/>
<activity-status code="2"/>
<activity-date type="1" iso-date="2024-01-01"/>
<activity-date type="3" iso-date="2028-01-01"/>
{before_sector}{places}{sectors}{after_sector}</iati-activity>"""
COUNTRY = '<recipient-country code="KE"/>\n'
SECTOR = '<sector code="14030"/>\n'


def activity(
    *,
    identifier: str = "XM-DAC-41122-1",
    attributes: str = "",
    before_sector: str = "",
    places: str = COUNTRY,
    sectors: str = SECTOR,
    after_sector: str = "",
) -> str:
    return ACTIVITY.format(
        identifier=identifier,
        attributes=attributes,
        before_sector=before_sector,
        places=places,
        sectors=sectors,
        after_sector=after_sector,
    )


def file(*activities: str, root: str = 'version="2.03"') -> bytes:
    return f"<iati-activities {root}>\n{''.join(activities)}</iati-activities>".encode()


def report(*activities: str, root: str = 'version="2.03"') -> Report:
    return validate(file(*activities, root=root), as_of=AS_OF)


def findings(*activities: str) -> tuple[Finding, ...]:
    return report(*activities).findings


def rules(*activities: str) -> list[str]:
    """The rules that speak up, in the order of the file."""
    return [each.rule for each in findings(*activities)]
