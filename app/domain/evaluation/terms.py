"""The words of evaluation, as closed lists; their values are the ones of tables, files and the API."""

from enum import StrEnum

from app.domain.terms import EvaluationStatus as EvaluationStatus
from app.domain.terms import Stage as Stage


class Kind(StrEnum):
    """What sort of evaluation."""

    EVALUABILITY = "evaluability"
    ANNUAL_REVIEW = "annual-review"
    MID_TERM = "mid-term"
    FINAL = "final"
    EX_POST = "ex-post"
    #: A mid-term that was under way when the project's end moved; done, never demanded.
    INTERIM = "interim"
    #: Of the institution: of a theme, at the highest level, of a country programme.
    THEMATIC = "thematic"
    HIGH_LEVEL = "high-level"
    COUNTRY_PROGRAMME = "country-programme"
    #: A milestone of an evaluation strategy; recorded as such, never as an evaluation.
    MILESTONE = "milestone"


#: Kinds that rules ask of projects; the others are duties of the institution.
OF_PROJECTS = (Kind.EVALUABILITY, Kind.ANNUAL_REVIEW, Kind.MID_TERM, Kind.FINAL, Kind.EX_POST, Kind.INTERIM)
OF_THE_INSTITUTION = (Kind.THEMATIC, Kind.HIGH_LEVEL, Kind.COUNTRY_PROGRAMME)


class Obliged(StrEnum):
    """Whom a duty of the institution obliges."""

    ORGANISATION = "organisation"
    UNIT = "unit"
    THEME = "theme"
    COUNTRY_PROGRAMME = "country-programme"
    #: A pool, such as an account of unearmarked money.
    FUND = "fund"
    #: A project that is a flagship programme.
    FLAGSHIP = "flagship"


class Every(StrEnum):
    """How often a duty of the institution is owed."""

    YEAR = "year"
    BIENNIUM = "biennium"
    #: Once from the first day of the programme, fund or project to its last.
    CYCLE = "cycle"


class Independence(StrEnum):
    """Who evaluates; later ones are stronger and satisfy a demand for a weaker one."""

    SELF = "self"
    INTERNAL = "internal"
    INDEPENDENT = "independent"
    #: By outsiders: counts as independent, but only it satisfies a clause that demands external.
    EXTERNAL = "external"

    @property
    def strength(self) -> int:
        return _STRENGTH[self]

    def satisfies(self, demanded: "Independence") -> bool:
        return _STRENGTH[self] >= _STRENGTH[demanded]


_STRENGTH = {member: place for place, member in enumerate(Independence)}


#: Status of an evaluation that has begun and is not finished.
UNDER_WAY = frozenset(
    {
        EvaluationStatus.TERMS_OF_REFERENCE,
        EvaluationStatus.TEAM,
        EvaluationStatus.FIELD_WORK,
        EvaluationStatus.DRAFT,
    }
)
#: Status of an evaluation whose report is accepted.
FINISHED = frozenset({EvaluationStatus.FINAL, EvaluationStatus.DISCLOSED})


class State(StrEnum):
    """State of an obligation on a day."""

    UPCOMING = "upcoming"
    WINDOW_OPEN = "window-open"
    OVERDUE = "overdue"
    PLANNED = "planned"
    UNDER_WAY = "under-way"
    DONE = "done"
    WAIVED = "waived"
    SUPERSEDED = "superseded"
    LAPSED = "lapsed"

    @property
    def is_open(self) -> bool:
        """Whether something still has to be done."""
        return self in _OPEN


_OPEN = frozenset({State.UPCOMING, State.WINDOW_OPEN, State.OVERDUE, State.PLANNED, State.UNDER_WAY})


class Anchor(StrEnum):
    """The day from which the months of a window are counted."""

    #: The project's last day.
    END = "end"
    #: start + ⌊(end − start) / 2⌋ days.
    MIDPOINT = "midpoint"
    #: The last day of every full year: start ⊕ 12k months − 1 day, for k = 1, 2, …
    EVERY_YEAR = "every-year"
    #: The last day of the first year.
    FIRST_YEAR = "first-year"


class Basis(StrEnum):
    """Which figure a budget band is compared with."""

    ORIGINAL = "original"
    REVISED = "revised"
    #: Actual expenditure.
    ACTUAL = "actual"


class Mode(StrEnum):
    """How binding a requirement is."""

    REQUIRED = "required"
    #: Only where the project's evaluation plan foresees it; unknown means cannot tell.
    IF_AGREED = "if-agreed"
    #: Chosen case by case by the evaluation manager: recorded in the policy, never computed.
    SELECTIVE = "selective"


class Confidence(StrEnum):
    """How sure a row of a policy is."""

    #: The text of the source says so.
    STATED = "stated"
    #: Our reading where the text is silent, for example on the exact limit.
    INFERRED = "inferred"
    #: To be confirmed against the organisation's own policy.
    UNCONFIRMED = "unconfirmed"
