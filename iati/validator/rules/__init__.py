"""All rules, in one table."""

from __future__ import annotations

from typing import Final

from iati.validator.rule import Rule
from iati.validator.rules.activity import ACTIVITY_RULES
from iati.validator.rules.codes import CODE_RULES
from iati.validator.rules.distribution import DISTRIBUTION_RULES
from iati.validator.rules.files import FILE_RULES
from iati.validator.rules.organisation import ORGANISATION_RULES
from iati.validator.rules.own import OWN_RULES
from iati.validator.rules.parts import PART_RULES

__all__ = ["OFFICIAL_RULES", "RULES", "Rule"]

#: The official ruleset, case by case: a rule id may stand for several cases.
OFFICIAL_RULES: Final = (*ACTIVITY_RULES, *DISTRIBUTION_RULES, *PART_RULES, *ORGANISATION_RULES)

#: Every rule there is.
RULES: Final = (*FILE_RULES, *OFFICIAL_RULES, *CODE_RULES, *OWN_RULES)
