"""Whether everything runs, what is missing, and the way out: for ``earmark doctor``, the API and the page alike."""

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.config import Settings
from app.db import schema
from app.db.engine import Database
from app.domain.told import Figure, Told
from app.jobs import queries
from app.jobs.queries import LastRun
from app.jobs.queries_health import Stock, stock
from app.jobs.timetable import JOBS
from app.publishing.codes import lists_taken_on

#: free space below which the store is full soon, in bytes
_LITTLE = 1_000_000_000
#: days after which a nightly job should have run, and lists and rates should have been looked at
_NIGHTS, _LISTS, _RATES = 2, 400, 70


class State(StrEnum):
    """How something is."""

    GOOD = "good"
    #: it works, and something is missing that most offices want
    INCOMPLETE = "incomplete"
    #: it does not work
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """Something that was looked at: what was found, and what to do about it where it is not good."""

    name: str
    state: State
    found: str
    advice: str = ""
    #: how many there are, where that is all that was found
    count: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A setting as it is in force; of a secret only whether it is there."""

    name: str
    value: str
    changed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """A job with its last run."""

    job: str
    purpose: str
    last: LastRun | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """An installation, looked at as a whole."""

    checks: tuple[Check, ...]
    jobs: tuple[Ran, ...]
    settings: tuple[Setting, ...]

    @property
    def state(self) -> State:
        """The worst of all."""
        return max((check.state for check in self.checks), key=list(State).index, default=State.GOOD)


def look(database: Database, settings: Settings, now: dt.datetime) -> Health:
    """Looks at everything without changing or sending anything. Three statements where the tables are current."""
    revision, needed = schema.current(database), schema.head()
    kept = tuple(_settings(settings))
    ahead = schema.is_ahead(revision)
    differing = Told(
        "%(place)s: tables at revision %(revision)s, this program needs %(needed)s.",
        place=database.place,
        revision=revision or "none",
        needed=needed or "none",
    )
    if revision != needed and not ahead:
        advice = Told("Make a backup (`earmark db backup FILE`), then run `earmark db upgrade`.")
        return Health(
            checks=(Check(name="database", state=State.BROKEN, found=differing, advice=advice), _store(settings)),
            jobs=(),
            settings=kept,
        )
    with database.read() as session:
        there, runs = stock(session), queries.last_runs(session)
    checks = (
        Check(
            name="database",
            state=State.INCOMPLETE if ahead else State.GOOD,
            found=differing
            if ahead
            else Told("%(place)s, tables at revision %(revision)s.", place=database.place, revision=revision or "none"),
            advice=Told("A newer version has brought them up to date: replace this one by it.") if ahead else "",
        ),
        *_set_up(there),
        _store(settings),
        *_jobs(runs, there, now),
        _mail(settings, there),
        _registry(settings, there),
        _lists(settings, there, now.date()),
        _address(settings),
    )
    listed = tuple(Ran(job=job.name, purpose=job.purpose, last=runs.get(job.name)) for job in JOBS)
    return Health(checks=checks, jobs=listed, settings=kept)


def _set_up(there: Stock) -> Iterator[Check]:
    """What comes first, in its order."""
    if there.organisation is None:
        yield Check(
            name="organisation",
            state=State.BROKEN,
            found=Told("Nobody has said who the organisation is."),
            advice=Told("Run `earmark init`."),
        )
        return
    found: str | Told = f"{there.organisation}."
    if there.closed_until is not None:
        closed = there.closed_until
        found = Told("%(name)s; the books are closed until %(day)s.", name=there.organisation, day=closed)
    yield Check(name="organisation", state=State.GOOD, found=found)
    wanted = (
        ("units", there.units, Told("Load them: `earmark import csv units units.csv`.")),
        ("officers", there.officers, Told("Load them: `earmark import csv officers officers.csv`.")),
        ("partners", there.partners, Told("Load them: `earmark import csv partners partners.csv`.")),
        (
            "projects",
            there.projects,
            Told("Load them: `earmark import csv projects FILE` or `earmark import iati FILE`."),
        ),
        (
            "policies",
            there.policies,
            Told("Nothing is owed without one: `earmark evaluations policy load default`."),
        ),
        ("administrators", there.administrators, Told("Make one: `earmark user create NAME --role admin`.")),
    )
    for name, number, advice in wanted:
        state = State.GOOD if number else State.INCOMPLETE
        yield Check(name=name, state=state, found=f"{number:,}", count=number, advice="" if number else advice)


def _store(settings: Settings) -> Check:
    folder = settings.file_store
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not os.access(there, os.W_OK):
        return Check(
            name="file store",
            state=State.BROKEN,
            found=Told("%(folder)s cannot be written to.", folder=str(folder)),
            advice=Told("Give the user of the service the right, or set EARMARK_RELEASE_STORE to another folder."),
        )
    free = shutil.disk_usage(there).free
    state = State.GOOD if free > _LITTLE else State.INCOMPLETE
    advice = "" if state is State.GOOD else Told("Make room: releases are not made on a full disk.")
    found = Told("%(folder)s, %(free)s GB free.", folder=str(folder), free=Figure(f"{free / 1e9:.1f}"))
    return Check(name="file store", state=state, found=found, advice=advice)


def _jobs(runs: dict[str, LastRun], there: Stock, now: dt.datetime) -> Iterator[Check]:
    nightly = runs.get("alerts")
    if nightly is None or nightly.started_at < now - dt.timedelta(days=_NIGHTS):
        ran = Told("The nightly work has never run.")
        if nightly is not None:
            ran = Told("The nightly work ran last on %(day)s.", day=nightly.started_at.date())
        yield Check(
            name="timetable",
            state=State.INCOMPLETE,
            found=ran,
            advice=Told("Keep `earmark jobs serve` running: nobody is told what is due without it."),
        )
    else:
        ran = Told("The nightly work ran on %(day)s.", day=nightly.started_at.date())
        yield Check(name="timetable", state=State.GOOD, found=ran)
    failed = sorted(run.job for run in runs.values() if run.outcome == "failed")
    yield Check(
        name="jobs",
        state=State.BROKEN if failed else State.GOOD,
        found=Told("Failed last: %(jobs)s.", jobs=", ".join(failed))
        if failed
        else Told("None failed in its last run."),
        advice=Told("Read what each says below, then run it again: `earmark jobs run NAME`.") if failed else "",
    )
    yield Check(
        name="messages",
        state=State.BROKEN if there.failed else State.GOOD,
        found=Told(
            "%(waiting)s wait to be sent, %(failed)s were given up.", waiting=there.waiting, failed=there.failed
        ),
        advice=Told("See why with `earmark jobs list`, and send them again from the API.") if there.failed else "",
    )


def _mail(settings: Settings, there: Stock) -> Check:
    if settings.smtp_host:
        return Check(
            name="mail",
            state=State.GOOD,
            found=Told("%(host)s, from %(sender)s.", host=settings.smtp_host, sender=settings.mail_from),
        )
    return Check(
        name="mail",
        state=State.INCOMPLETE,
        found=Told("No mail server is set; %(waiting)s messages wait.", waiting=there.waiting),
        advice=Told("Set EARMARK_SMTP_HOST and EARMARK_MAIL_FROM."),
    )


def _registry(settings: Settings, there: Stock) -> Check:
    public = there.files_in_public
    if settings.registry_kind:
        return Check(
            name="publishing",
            state=State.GOOD,
            found=Told(
                "%(files)s files are public. Registry: %(address)s.",
                files=public,
                address=_without_secrets(settings.registry_url),
            ),
            advice=Told("Whether it works is told by `earmark registry check`."),
        )
    return Check(
        name="publishing",
        state=State.INCOMPLETE,
        found=Told("%(files)s files are public. No registry is set, so that nobody finds them.", files=public),
        advice=Told("Set EARMARK_REGISTRY_KIND and what belongs to it: the handbook page “Registries” says how."),
    )


def _lists(settings: Settings, there: Stock, today: dt.date) -> Check:
    taken = lists_taken_on(settings.data_dir)
    old = (today - taken).days > _LISTS
    rates = there.newest_rate
    stale = rates is not None and (today - rates).days > _RATES
    found = Told("Codelists of %(day)s. No rates of exchange.", day=taken)
    if rates is not None:
        found = Told("Codelists of %(day)s. Newest rate of exchange of %(rates)s.", day=taken, rates=rates)
    advice: str = Told("Bring the codelists up to date: `earmark codelists update SOURCE`.") if old else ""
    if stale:
        advice = Told("Load newer rates: `earmark import csv rates FILE`.")
    if old and stale:
        advice = Told(
            "Bring the codelists up to date: `earmark codelists update SOURCE`. Load newer rates: "
            "`earmark import csv rates FILE`."
        )
    return Check(
        name="lists",
        state=State.INCOMPLETE if advice else State.GOOD,
        found=found,
        advice=advice,
    )


def _address(settings: Settings) -> Check:
    if settings.public_url:
        return Check(name="address", state=State.GOOD, found=f"{_without_secrets(settings.public_url)}.")
    return Check(
        name="address",
        state=State.INCOMPLETE,
        found=Told("No address is set: links in mails lead to this machine."),
        advice=Told("Set EARMARK_PUBLIC_URL to the address under which people reach the service."),
    )


def _settings(settings: Settings) -> Iterator[Setting]:
    usual = Settings.model_construct()
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        changed = value != getattr(usual, name)
        if isinstance(value, SecretStr) or name.endswith("_key"):
            filled = bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
            shown = "set" if filled else "not set"
        else:
            shown = str(value) if isinstance(value, Path | int | float) else _without_secrets(str(value or ""))
        yield Setting(name=f"EARMARK_{name.upper()}", value=shown, changed=changed)


def _without_secrets(address: str) -> str:
    """An address without the user, the password and the query that may stand in it."""
    if "://" not in address:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return "set, and not an address"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
