"""What must hold after the drill: acknowledged writes once, duties told once, public files whole, no odd error."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from email.message import EmailMessage

from app.config import Settings
from app.db.engine import open_database
from app.domain.evaluation.policy import LADDERS
from app.domain.evaluation.terms import Kind
from app.domain.periods import add_months
from app.evaluations.obligations.due import DueRow, due
from tests.cluster.office import DATASET, Office
from tests.cluster.people import Readers, Writers

#: a rung of a duty: what owes it, the rung, the day that it leads to
Rung = tuple[int, str, str]


def faults(office: Office, writers: Writers, readers: Readers) -> list[str]:
    """Everything that was lost, doubled, broken, or answered as it should not have been."""
    return [
        *writers.surprises,
        *_documents(office, writers.acknowledged),
        *_public_files(office, readers),
        *_duties(office),
        *_mails(office),
        *_jobs(office),
        *_errors(office),
        *_check(office),
        *_past(office),
    ]


def _documents(office: Office, acknowledged: list[str]) -> Iterator[str]:
    rows = office.ask("SELECT document, count(*) FROM ledger_entries WHERE document LIKE 'DRILL-%' GROUP BY 1")
    stored = {str(document): number for document, number in rows}
    yield from (f"{each} was acknowledged and is not there" for each in acknowledged if each not in stored)
    yield from (f"{document} is there {number} times" for document, number in stored.items() if number != 1)


def _public_files(office: Office, readers: Readers) -> Iterator[str]:
    rows = office.ask(
        "SELECT f.sha256, f.id = p.file_id FROM release_files f JOIN public_files p ON p.dataset = f.dataset "
        f"JOIN releases r ON r.id = f.release_id WHERE f.dataset = '{DATASET}' ORDER BY r.number"
    )
    if [bool(current) for _, current in rows] != [False, True]:
        yield f"the second release is not the public one: {rows}"
    known = {str(digest) for digest, _ in rows}
    yield from readers.broken
    for place, seen in readers.files.items():
        yield from (
            f"{place}: {number} times bytes {digest[:12]} of no release"
            for digest, number in seen.items()
            if digest not in known
        )
        if len(seen) != 2:
            yield f"{place}: the public file was read in {len(seen)} versions, not in those of both releases"


def _duties(office: Office) -> Iterator[str]:
    """Alerts that are recorded against what is due, rung by rung."""
    days = office.ask("SELECT DISTINCT as_of FROM job_runs WHERE job = 'alerts'")
    if len(days) != 1:
        yield f"the alerts ran for the days {days}"
        return
    database = open_database(Settings(database_url=office.url_of("earmark_owner"), _env_file=None))  # type: ignore[call-arg]
    with database.read() as session:
        as_of = (
            session.connection().exec_driver_sql("SELECT max(as_of) FROM job_runs WHERE job = 'alerts'").scalar_one()
        )
        rows: list[DueRow] = due(session, as_of, within=20_000)
    database.dispose()
    expected: Counter[Rung] = Counter()
    for row in rows:
        if row.due is None or row.obligation is None:
            continue
        for rung in LADDERS[Kind(str(row.kind))]:
            if add_months(row.due, -rung.months_before) <= as_of:
                expected[row.obligation, rung.name, str(row.due)] += 1
    found = office.ask("SELECT subject_id, rung, due_on FROM alerts WHERE subject_kind = 'obligation'")
    recorded = Counter((int(str(subject)), str(rung), str(due_on)) for subject, rung, due_on in found)
    if not expected:
        yield "nothing was due"
    yield from (f"the alert {each} is missing" for each in list((expected - recorded).elements())[:10])
    yield from (f"the alert {each} is too much" for each in list((recorded - expected).elements())[:10])


def _mails(office: Office) -> Iterator[str]:
    """Mails that arrived against what the record says they told, project by project."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for number, project in office.ask(
        "SELECT t.message_id, coalesce(p.code, '') FROM message_alerts a JOIN messages m ON m.id = a.message_pk "
        "JOIN messages t ON t.id = coalesce(m.merged_into_id, m.id) JOIN alerts l ON l.id = a.alert_id "
        "LEFT JOIN projects p ON p.id = l.project_id WHERE t.state = 'sent' AND a.left_out = ''"
    ):
        told[str(number)][str(project)] += 1
    arrived = office.mailbox.mails
    yield from (f"{each} was sent and never arrived" for each in told.keys() - arrived.keys())
    yield from (f"{each} arrived and is not in the record" for each in arrived.keys() - told.keys())
    for number, mails in arrived.items():
        if len({_text(mail) for mail in mails}) > 1:
            yield f"{number} came {len(mails)} times, and not always with the same words"
        named = Counter(re.findall(r"^\* (P/\d+)", _text(mails[0]), re.MULTILINE))
        more = re.search(r"^… and (\d+) more:", _text(mails[0]), re.MULTILINE)
        of_projects = told[number] - Counter({"": told[number][""]})
        if not named <= of_projects or named.total() + int(more[1] if more else 0) != told[number].total():
            yield f"{number} tells {named.total()} alerts and {more and more[1]} more of {told[number].total()}"
    untold = office.count(
        "alerts l WHERE l.told_by_id IS NULL AND NOT EXISTS (SELECT 1 FROM alert_events e WHERE e.alert_id = l.id "
        "AND e.kind = 'suppressed') AND (SELECT count(*) FROM message_alerts a JOIN messages m ON m.id = a.message_pk "
        "JOIN messages t ON t.id = coalesce(m.merged_into_id, m.id) WHERE a.alert_id = l.id AND a.purpose = 'digest' "
        "AND t.state = 'sent') <> 1"
    )
    if untold:
        yield f"{untold} alerts were not told once"


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return "" if body is None else str(body.get_content())


def _jobs(office: Office) -> Iterator[str]:
    if not office.count("job_runs WHERE job = 'alerts' AND outcome = 'done'"):
        runs = office.ask("SELECT worker, outcome, error FROM job_runs WHERE job = 'alerts' ORDER BY id")
        yield f"the alerts of the day were not done: {runs}"
    # the worker was killed, or lost its database, which is no fault of the job
    for job, error in office.ask("SELECT job, error FROM job_runs WHERE outcome = 'failed'"):
        if not re.search(r"went away|StorageFailed", str(error)):
            yield f"the job {job} failed: {error}"


def _errors(office: Office) -> Iterator[str]:
    """What the log calls an error: a database that is away is told as such, and is none."""
    seen: Counter[str] = Counter()
    for path in sorted(office.folder.glob("web-*.log")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("{") and (entry := json.loads(line)).get("trace"):
                # an error of the database has its name on one line, and further ones of explanation
                named = re.findall(r"^[\w.]+(?:Error|Exception|Failed|\w+): .*$", entry["trace"], re.MULTILINE)
                seen[" <- ".join(dict.fromkeys(reversed(named)))[:600] or entry["trace"][-300:]] += 1
    yield from (f"logged {number} times: {what}" for what, number in seen.most_common(5))


def _check(office: Office) -> Iterator[str]:
    checked = office.earmark("db", "check", url=office.url_of("earmark_owner"))
    if checked.returncode:
        yield f"earmark db check: {checked.stdout[-500:]}{checked.stderr[-500:]}"


def _past(office: Office) -> Iterator[str]:
    """The moment before the clients came, brought back from the base backup and the archive."""
    projects, documents, said = office.go_back()
    if (projects, documents, said) != (office.projects, 0, ""):
        yield f"going back gave {projects} projects and {documents} documents of the drill: {said}"
