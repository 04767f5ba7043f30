"""The flat tables of evaluations, results and releases."""

from app.domain.evaluation.terms import Independence, Kind, State
from app.domain.terms import EvaluationStatus, RecommendationResponse, RecommendationStatus, ReleaseState
from app.evaluations.obligations.views import CANNOT_TELL
from app.tabular.flat import queries, reading
from app.tabular.flat.reading import statement
from app.tabular.flat.records import DOCUMENT
from app.tabular.flat.shape import FlatTable, amount, day, flag, integer, moment, text, to, words

_ACTIVITY = text("activity", "Code of the activity.", required=True)
_EVALUATION = text("evaluation", "Reference of the evaluation.", required=True)

OBLIGATION = FlatTable(
    name="obligation",
    title="Obligations",
    meaning="One row for each evaluation that an activity owes, or owed, with its state on the day and the reason.",
    columns=(
        integer("obligation", "Number of the row.", required=True),
        _ACTIVITY,
        text("kind", "What kind of evaluation; empty: nothing can be told.", values=words(Kind)),
        integer("number", "Which of several of the kind."),
        text("independence", "The least independence that is asked for.", values=words(Independence)),
        text("state", "What it is on the day.", required=True, values=(*words(State), CANNOT_TELL)),
        day("window_opens", "The day on which its window opens."),
        day("due", "The day on which it is due, moved dates counted."),
        day("late", "The day after which it is late."),
        text("reason", "The rules and facts that made it.", required=True),
        text("missing", "What is missing where it cannot be told."),
        text("evaluation", "Reference of the evaluation that tells the state."),
    ),
    key=("obligation",),
    references=(to("activity", "activity"), to("evaluation", "evaluation")),
    dated=True,
    of_obligations=True,
    read=reading.obligations,
)
EVALUATION = FlatTable(
    name="evaluation",
    title="Evaluations",
    meaning="One row for each evaluation planned, under way, done or given up.",
    columns=(
        _EVALUATION,
        text("kind", "What kind of evaluation.", required=True, values=words(Kind)),
        text("independence", "Who carries it out.", required=True, values=words(Independence)),
        text("title", "Its title."),
        text("status", "How far it is.", required=True, values=words(EvaluationStatus)),
        day("planned_start", "The day on which it is to begin."),
        day("planned_end", "The day on which it is to end."),
        day("started_on", "The day on which it began."),
        day("completed_on", "The day on which its report was accepted."),
        day("cancelled_on", "The day on which it was given up."),
        text("manager", "Who manages it."),
        amount("budget", "Its budget."),
        text("currency", "ISO code of the currency of the budget."),
        text("report_url", "Address of the report."),
        text("scope", "Projects, a country programme, or the institution."),
        text("country", "ISO code of the country of a country programme."),
        flag("archived", "It is kept since others name it, and is not used any more."),
    ),
    key=("evaluation",),
    read=statement(queries.evaluations),
)
EVALUATION_ACTIVITY = FlatTable(
    name="evaluation_activity",
    title="Activities of evaluations",
    meaning="One row for each activity that an evaluation covers.",
    columns=(_EVALUATION, _ACTIVITY),
    key=("evaluation", "activity"),
    references=(to("evaluation", "evaluation"), to("activity", "activity")),
    read=statement(queries.evaluated),
)
EVALUATION_RATING = FlatTable(
    name="evaluation_rating",
    title="Ratings of evaluations",
    meaning="One row for each criterion that an evaluation rated.",
    columns=(
        _EVALUATION,
        text("criterion", "Criterion of the DAC.", required=True),
        integer("rating", "1 highly unsatisfactory to 6 highly satisfactory.", required=True),
    ),
    key=("evaluation", "criterion"),
    references=(to("evaluation", "evaluation"),),
    read=statement(queries.ratings),
)
RECOMMENDATION = FlatTable(
    name="recommendation",
    title="Recommendations",
    meaning="One row for each recommendation of an evaluation.",
    columns=(
        text("recommendation", "Reference of the recommendation.", required=True),
        _EVALUATION,
        text("text", "What is recommended.", required=True),
        text("status", "How far it is.", required=True, values=words(RecommendationStatus)),
        text("response", "What management said.", values=words(RecommendationResponse)),
        day("response_on", "The day of the response."),
        day("response_due_on", "The day until which management answers."),
        text("owner", "Who is to carry it out."),
        day("due_on", "The day until which it is to be done."),
        day("verified_on", "The day on which it was verified."),
    ),
    key=("recommendation",),
    references=(to("evaluation", "evaluation"),),
    read=statement(queries.recommendations),
)
RESULT_PERIOD = FlatTable(
    name="result_period",
    title="Results by period",
    meaning="One row for each period of an indicator, or for the indicator where it has none.",
    columns=(
        text("result_period", "Numbers of the indicator and of the period; 0: it has no period.", required=True),
        integer("indicator", "Number of the indicator.", required=True),
        _ACTIVITY,
        text("result", "Title of the result.", required=True),
        text("result_type", "Code of the IATI list ResultType.", required=True),
        text("indicator_title", "Title of the indicator.", required=True),
        text("measure", "Code of the IATI list IndicatorMeasure.", required=True),
        day("period_start", "First day of the period."),
        day("period_end", "Last day of the period."),
        text("target", "What was to be reached, as written."),
        text("actual", "What was reached, as written."),
    ),
    key=("result_period",),
    references=(to("activity", "activity"),),
    read=reading.result_periods,
)
RELEASE = FlatTable(
    name="release",
    title="Published files",
    meaning="One row for each file of a release that went out.",
    columns=(
        integer("release", "Number of the release.", required=True),
        text("dataset", "Name of the dataset.", required=True),
        text("state", "What became of the release.", required=True, values=words(ReleaseState)),
        day("as_of", "The day it was made for.", required=True),
        moment("published_at", "When it went out."),
        text("file_type", "Activities or the organisation.", required=True),
        text("part", "Which part of the portfolio it holds."),
        integer("records", "How many records it has.", required=True),
        integer("bytes", "Its size.", required=True),
        text("sha256", "SHA-256 of its bytes.", required=True),
        flag("public", "The world gets this file now."),
    ),
    key=("release", "dataset"),
    read=statement(queries.releases),
)
#: documents name evaluations, and stand with them
TABLES = (
    OBLIGATION,
    EVALUATION,
    EVALUATION_ACTIVITY,
    EVALUATION_RATING,
    RECOMMENDATION,
    DOCUMENT,
    RESULT_PERIOD,
    RELEASE,
)
