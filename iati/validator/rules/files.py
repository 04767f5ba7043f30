"""Rules that the file as a whole decides: is it readable, is the schema kept, do references lead anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iati.validator.rule import Place, Rule

if TYPE_CHECKING:
    from lxml import etree

    from iati.validator.rule import Bound, Scope

#: The versions of the standard that are validated.
VERSIONS: Final = ("2.01", "2.02", "2.03")

NOT_XML: Final = Rule(id="0.1.1", severity="critical", category="iati", advice="{reason}")
NOT_IATI: Final = Rule(id="0.2.1", severity="critical", category="iati", advice="{reason}")
SCHEMA: Final = Rule(id="0.3.1", severity="critical", category="schema", advice="{reason}")
UNSUPPORTED_VERSION: Final = Rule(id="0.6.1", severity="critical", category="documents", advice="{reason}")
#: What is to be done about a version; ``claim``: what the root says.
UNSUPPORTED_ADVICE: Final = (
    "The file {claim}. Write it in a version that is supported (" + ", ".join(VERSIONS) + ") and say so in the version "
    "of its root."
)
DUPLICATE: Final = Rule(
    id="1.1.2",
    severity="error",
    category="identifiers",
    advice="The identifier “{value}” stands more than once in the file. Give every activity its own, and "
    "publish each once.",
)


@dataclass(frozen=True)
class LeadsToActivity:
    """A reference to an activity leads to one in the same file; judged when all of the file is known."""

    attribute: str

    @property
    def of_value(self) -> str:
        """The attribute on whose value alone the check depends."""
        return self.attribute

    def bind(self, rule: Rule) -> Bound:
        name = self.attribute

        def check(element: etree._Element, scope: Scope) -> None:
            identifier = element.get(name)
            if identifier:
                if identifier in scope.hints:
                    scope.relied_on.add(identifier)
                elif scope.waiting is not None and identifier not in scope.waiting:
                    scope.add(rule, element, name, value=identifier)
                else:
                    scope.references.append((rule, element, name, identifier))

        return check


def _advisory(number: int, place: Place, attribute: str) -> Rule:
    return Rule(
        id=f"1000.0.{number}",
        severity="advisory",
        category="identifiers",
        places=(place,),
        check=LeadsToActivity(attribute),
        advice="There is no activity “{value}” in this file. If it is not published elsewhere either, correct the "
        "reference.",
    )


ADVISORIES: Final = (
    _advisory(1, ("participating-org",), "activity-id"),
    _advisory(2, ("planned-disbursement", "provider-org"), "provider-activity-id"),
    _advisory(3, ("planned-disbursement", "receiver-org"), "receiver-activity-id"),
    _advisory(4, ("transaction", "provider-org"), "provider-activity-id"),
    _advisory(5, ("transaction", "receiver-org"), "receiver-activity-id"),
    _advisory(6, ("related-activity",), "ref"),
)

#: Ours, but decided with the whole file in view as well.
FORMER_IDENTIFIER: Final = Rule(
    id="earmark.identifier-changed",
    severity="warning",
    category="identifiers",
    advice="“{value}” is the former identifier of the activity “{now}”. Refer to it by its present one.",
)

FILE_RULES: Final = (
    NOT_XML,
    NOT_IATI,
    SCHEMA,
    UNSUPPORTED_VERSION,
    DUPLICATE,
    *ADVISORIES,
    FORMER_IDENTIFIER,
)
