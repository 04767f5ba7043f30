"""``earmark jobs``."""

from typing import Annotated

import typer

from app.cli import policies
from app.cli.context import AsOf, counted, day, one_of, opened, print_json, progress, say, settings, table

app = typer.Typer(no_args_is_help=True, help="Scheduled work: run one job, run the timetable, see what ran.")

#: jobs that tell of no evaluation where no policy is in use
_OF_POLICIES = frozenset({"alerts", "evaluation-alerts"})


@app.command()
def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Job; `earmark jobs list` names them.")],
    as_of: AsOf = None,
    format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> int:
    """Run a job now, for a day (default: today). A second run finds what the first has done."""
    from app.evaluations.policies.rulebook import in_use
    from app.jobs.runner import run_job
    from app.jobs.timetable import job as find_job

    one_of("--format", format_, ("text", "json"))
    job, looked_from = find_job(name), day(as_of)
    with opened() as database, progress(name):
        report = run_job(database, settings(), job, looked_from)
        with database.read() as session:
            ruled = job.name not in _OF_POLICIES or bool(in_use(session).policies)
    if not ruled:
        policies.say_where_they_come_from(frozenset())
    content = report.as_dict()
    if format_ == "json":
        print_json(content)
        return 0
    recorded = content.pop("recorded", None)
    if isinstance(recorded, list):
        if recorded:
            columns = list(dict.fromkeys(column for row in recorded for column in row))
            print(table(columns, [[str(row.get(column, "")) for column in columns] for row in recorded]))
        content["recorded"] = len(recorded)
    print(f"{name}: " + ", ".join(f"{key} {_words(value)}" for key, value in content.items()))
    return 0


def _words(value: object) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{key} {_words(each)}" for key, each in value.items()) + ")"
    return str(value)


@app.command()
def serve() -> int:
    """Run the timetable until stopped. Several may run: each job is done by one of them."""
    from logging.config import dictConfig

    from app import tracing
    from app.http.logs import LOGGING
    from app.jobs.serve import serve as run_timetable

    dictConfig(LOGGING)
    traced = tracing.start(settings(), role="jobs")
    with opened() as database:
        say(f"The timetable runs ({settings().timezone}). Stop it with Ctrl+C.")
        run_timetable(database, settings())
    tracing.stop(traced)
    return 0


@app.command("list")
def list_(format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text") -> int:
    """List the jobs with their next and last runs, and what is in the outbox."""
    from app.db.base import utc_now
    from app.jobs import queries
    from app.jobs.serve import next_fire_time
    from app.jobs.timetable import JOBS
    from app.outbox import queries as outbox_queries

    one_of("--format", format_, ("text", "json"))
    with opened() as database, database.read() as session:
        last, outbox = queries.last_runs(session), outbox_queries.outbox_counts(session)
        failed = outbox_queries.failed_messages(session, 20)
        nobody = outbox_queries.alerts_for_nobody(session)
    rows = []
    for job in JOBS:
        trigger = None if job.schedule is None else job.schedule(settings().timezone)
        following = None if trigger is None else next_fire_time(trigger, utc_now())
        ran = last.get(job.name)
        rows.append(
            {
                "job": job.name,
                "purpose": job.purpose,
                "schedule": "when asked for" if trigger is None else str(trigger),
                "next": following.isoformat(timespec="minutes") if following else None,
                "last": ran.started_at.isoformat(timespec="seconds") if ran else None,
                "as_of": ran.as_of.isoformat() if ran else None,
                "outcome": ran.outcome if ran else None,
                "summary": dict(ran.summary) if ran else None,
                "error": ran.error if ran else None,
            }
        )
    if format_ == "json":
        shown = [
            {
                "channel": one.channel,
                "recipient": one.recipient,
                "subject": one.subject,
                "attempts": one.attempts,
                "error": one.error,
            }
            for one in failed
        ]
        print_json({"jobs": rows, "outbox": outbox, "failed": shown, "nobody": nobody})
        return 0
    columns = ["job", "next", "last", "as_of", "outcome", "purpose"]
    print(table(columns, [[str(row[column] or "") for column in columns] for row in rows]))
    if outbox:
        print("outbox: " + ", ".join(f"{count} {state}" for state, count in sorted(outbox.items())))
    if nobody:
        who = "1 alert waits" if nobody == 1 else f"{nobody} alerts wait"
        print(f"nobody to tell: {who} until the project has an officer, or its unit a head with an address")
    for one in failed:
        print(f"not delivered to {one.recipient}: {one.subject} ({one.attempts} attempts: {one.error})")
    return 0


@app.command()
def retry() -> int:
    """Try what could not be delivered again."""
    from app.db.base import utc_now
    from app.domain.access import LOCAL
    from app.outbox import queries as outbox_queries

    with opened() as database, database.write(LOCAL.name) as session:
        count = outbox_queries.retry_failed(session, utc_now())
    say(f"Put into the outbox again: {counted(count, 'message')}.")
    return 0
