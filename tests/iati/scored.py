"""Files with what the transparency tests ask, and what came of each."""

from datetime import date

from iati.score import IndicatorResult, Score, TestResult, score

DAY = date(2026, 11, 20)
#: Current on that day and nothing else.
CURRENT = '<activity-status code="2"/>'


def activities(*contents: str) -> bytes:
    records = "".join(
        f"<iati-activity><iati-identifier>XM-EX-1-{index}</iati-identifier>"
        f'<reporting-org ref="XM-EX-1" type="40"/>{content}</iati-activity>'
        for index, content in enumerate(contents, 1)
    )
    return f'<iati-activities version="2.03">{records}</iati-activities>'.encode()


def organisation(content: str) -> bytes:
    return f"""<iati-organisations version="2.03"><iati-organisation>
      <organisation-identifier>XM-EX-1</organisation-identifier>{content}</iati-organisation>
      </iati-organisations>""".encode()


def of(*sources: bytes) -> Score:
    return score(sources, as_of=DAY)


def indicator(result: Score, key: str) -> IndicatorResult:
    return next(each for each in result.indicators if each.id == key)


def named(result: Score, name: str) -> TestResult:
    return next(test for each in result.indicators for test in each.tests if test.name == name)


def outcome(content: str, name: str) -> bool | None:
    """What one test says of a current activity with this content; None when it does not apply."""
    result = of(activities(CURRENT + content))
    assert result.current_activities == 1
    test = named(result, name)
    assert test.passed + test.failed <= 1
    return None if test.passed + test.failed == 0 else bool(test.passed)


def narrative(tag: str, text: str, attributes: str = "") -> str:
    return f"<{tag} {attributes}><narrative>{text}</narrative></{tag}>"


def transaction(kind: str, day: str = "2000-01-01", amount: str = "5", content: str = "") -> str:
    return f"""<transaction><transaction-type code="{kind}"/><transaction-date iso-date="{day}"/>
      <value value-date="{day}">{amount}</value>{content}</transaction>"""


def document(category: str) -> str:
    return f'<document-link url="https://x.example/" format="text/html"><category code="{category}"/></document-link>'


def period(tag: str, start: str, end: str) -> str:
    return f'<{tag}><period-start iso-date="{start}"/><period-end iso-date="{end}"/></{tag}>'
