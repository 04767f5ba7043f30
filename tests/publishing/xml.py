"""Small published files, with what they say in view."""

from pathlib import Path

from lxml import etree

ACTIVITY = """
  <iati-activity last-updated-datetime="2024-05-06T07:08:09Z" xml:lang="en" default-currency="USD">
    <iati-identifier>XM-DAC-41302-GLO-21-01</iati-identifier>
    <reporting-org ref="XM-DAC-41302" type="40"><narrative>ILO</narrative></reporting-org>
    <title><narrative>Better work</narrative><narrative xml:lang="fr">Mieux travailler</narrative></title>
    <description type="1"><narrative>Labour standards in factories.</narrative></description>
    <description type="2"><narrative>Objectives.</narrative></description>
    <participating-org ref="XM-DAC-7" type="10" role="1"><narrative>Netherlands</narrative></participating-org>
    <participating-org ref="XM-DAC-41302" type="40" role="4"><narrative>ILO</narrative></participating-org>
    <other-identifier ref="107000" type="A1"/>
    <activity-status code="2"/>
    <activity-date type="1" iso-date="2021-01-01"/>
    <activity-date type="2" iso-date="2021-02-01"/>
    <activity-date type="3" iso-date="2027-12-31"/>
    <contact-info type="1">
      <organisation><narrative>ILO</narrative></organisation><email>a@ilo.example</email>
    </contact-info>
    <recipient-country code="KE" percentage="60"/>
    <recipient-country code="UG" percentage="40.0"/>
    <location ref="L1"><name><narrative>Nairobi</narrative></name></location>
    <sector code="16020" percentage="100"/>
    <tag code="8.5" vocabulary="3"/>
    <policy-marker vocabulary="1" code="1" significance="2"/>
    <default-flow-type code="10"/>
    <default-aid-type code="C01"/>
    <budget type="1" status="2">
      <period-start iso-date="2021-01-01"/><period-end iso-date="2021-12-31"/>
      <value currency="USD" value-date="2021-01-01">1000.10</value>
    </budget>
    <budget type="1">
      <period-start iso-date="2022-01-01"/><period-end iso-date="2022-12-31"/>
      <value value-date="2021-01-01">2000</value>
    </budget>
    <transaction ref="C1">
      <transaction-type code="11"/><transaction-date iso-date="2021-01-15"/>
      <value currency="USD" value-date="2021-01-15">5000.00</value>
      <provider-org ref="XM-DAC-7" provider-activity-id="XM-DAC-7-4000">
        <narrative>Netherlands</narrative>
      </provider-org>
      <aid-type code="C01"/><aid-type code="4" vocabulary="2"/>
    </transaction>
    <transaction>
      <transaction-type code="4"/><transaction-date iso-date="2021-03-31"/>
      <value currency="USD" value-date="2021-03-31">250</value>
    </transaction>
    <transaction>
      <transaction-type code="4"/><transaction-date iso-date="2021-03-31"/>
      <value currency="USD" value-date="2021-03-31">250</value>
    </transaction>
    <document-link url="https://ilo.example/a.pdf" format="application/pdf">
      <title><narrative>Programme document</narrative></title><category code="A02"/><language code="en"/>
    </document-link>
    <related-activity ref="XM-DAC-41302-GLO" type="1"/>
    <result type="2"><title><narrative>Safer factories</narrative></title>
      <indicator measure="1"><title><narrative>Factories inspected</narrative></title>
        <baseline year="2020" value="0"/>
        <period><period-start iso-date="2021-01-01"/><period-end iso-date="2021-12-31"/>
          <target value="100"><dimension name="sex" value="female"/></target><actual value="90"/>
        </period>
      </indicator>
    </result>
  </iati-activity>"""


def activities(*xml: str, version: str = "2.03", root: str = "") -> bytes:
    """A file of activities."""
    return (
        f'<?xml version="1.0"?>\n<iati-activities version="{version}"{root}>{"".join(xml)}</iati-activities>'.encode()
    )


def write(folder: Path, *xml: str, name: str = "file.xml", version: str = "2.03") -> Path:
    path = folder / name
    path.write_bytes(activities(*xml, version=version))
    return path


def numbered(number: int) -> str:
    """The sample activity under another identifier and title."""
    return ACTIVITY.replace("GLO-21-01", f"GLO-21-{number:04}").replace("Better work", f"Better work {number}")


def canonical(xml: bytes | Path) -> dict[str, bytes]:
    """Canonical XML of every activity by its identifier, without insignificant white space."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, remove_blank_text=True, huge_tree=True)
    root = etree.fromstring(xml.read_bytes() if isinstance(xml, Path) else xml, parser)
    found = {}
    for activity in root.findall("iati-activity"):
        for element in activity.iter():
            if len(element) and element.text and not element.text.strip():
                element.text = None
            if element.tail and not element.tail.strip():
                element.tail = None
        identifier = (activity.findtext("iati-identifier") or "").strip()
        found.setdefault(identifier, etree.tostring(activity, method="c14n"))
    return found
