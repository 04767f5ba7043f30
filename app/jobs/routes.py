"""``/health``: whether everything runs, for administrators. What probes ask stands outside the API, without a token."""

import datetime as dt

from app.db.base import utc_now
from app.http.access import Administrator
from app.http.fields import Output
from app.http.router import api_router
from app.http.sessions import DatabaseOf, SettingsOf
from app.jobs.health import State, look

health = api_router("/health", "health")


class CheckShownOut(Output):
    """Something that was looked at."""

    name: str
    state: State
    found: str
    advice: str


class JobRanOut(Output):
    """A job with its last run."""

    job: str
    purpose: str
    as_of: dt.date | None
    started_at: dt.datetime | None
    outcome: str | None
    error: str | None


class SettingOut(Output):
    """A setting in force; of a secret only whether it is set."""

    name: str
    value: str
    changed: bool


class HealthOut(Output):
    """An installation, looked at as a whole."""

    state: State
    checks: list[CheckShownOut]
    jobs: list[JobRanOut]
    settings: list[SettingOut]


@health.get("", summary="Look whether everything runs, and what is missing", response_model=HealthOut)
def get_health(_actor: Administrator, database: DatabaseOf, settings: SettingsOf) -> HealthOut:
    """The same as ``earmark doctor``: nothing is changed or sent, and no secret is told."""
    found = look(database, settings, utc_now())
    return HealthOut(
        state=found.state,
        checks=[
            CheckShownOut(name=each.name, state=each.state, found=each.found, advice=each.advice)
            for each in found.checks
        ],
        jobs=[
            JobRanOut(
                job=each.job,
                purpose=each.purpose,
                as_of=None if each.last is None else each.last.as_of,
                started_at=None if each.last is None else each.last.started_at,
                outcome=None if each.last is None else each.last.outcome,
                error=None if each.last is None else each.last.error,
            )
            for each in found.jobs
        ],
        settings=[SettingOut(name=each.name, value=each.value, changed=each.changed) for each in found.settings],
    )
