"""Releases as they are shown, to programs and to people."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import cast

from sqlmodel import Session
from typing_extensions import TypedDict

from app.config import Settings
from app.db.base import key
from app.db.publishing import Release
from app.publishing.releasing import queries
from app.publishing.releasing.accounts import Counts, ReleaseAccount, RuleAccount, ScoreAccount
from app.publishing.releasing.approving import find
from app.publishing.releasing.publish import Publication
from app.publishing.releasing.queries import PUBLIC


class FileShown(TypedDict):
    """A file of a release."""

    dataset: str
    file_type: str
    reporting_org: str
    part: str
    records: int
    bytes: int
    sha256: str
    content_at: str | None


class OutcomeShown(TypedDict):
    """What came of the publication of a dataset."""

    dataset: str
    place: str
    outcome: str
    reason: str
    at: str


class ReleaseShown(TypedDict):
    """A release."""

    id: int
    number: int
    state: str
    as_of: str
    prepared_at: str
    prepared_by: str
    approved_by: str | None
    approved_at: str | None
    published_at: str | None
    note: str | None
    split: str
    compared_with: str
    counts: Counts
    #: lines of what would vanish that nobody has accepted
    not_accepted: int
    findings: dict[str, int]
    rules: list[RuleAccount]
    scores: list[ScoreAccount]
    files: list[FileShown]
    outcomes: list[OutcomeShown]


class LineShown(TypedDict):
    """A line of a release."""

    line: int
    kind: str
    subject: str
    what: str
    words: str
    accepted_by: str | None
    accepted_reason: str | None


class PublicationShown(TypedDict):
    """What publishing came to."""

    release: int
    dry_run: bool
    nothing_to_do: bool
    failed: bool
    address: str
    outcomes: list[OutcomeShown]
    planned: list[str]


def _moment(moment: dt.datetime | None) -> str | None:
    return None if moment is None else _told(moment)


def _told(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def account_in(release: Release) -> ReleaseAccount:
    """The account that a release keeps."""
    return cast("ReleaseAccount", release.account)


def shown(session: Session, number: int | None) -> ReleaseShown:
    """A release, the newest when no number is given. Raises NotFound."""
    return release_shown(session, find(session, number))


def all_shown(session: Session) -> list[ReleaseShown]:
    """Every release, the newest first."""
    return [release_shown(session, release) for release in queries.all_releases(session)]


def release_shown(session: Session, release: Release) -> ReleaseShown:
    """A release with its files and what came of it."""
    account = account_in(release)
    return {
        "id": key(release),
        "number": release.number,
        "state": release.state.value,
        "as_of": release.as_of.isoformat(),
        "prepared_at": _told(release.created_at),
        "prepared_by": release.prepared_by,
        "approved_by": release.approved_by,
        "approved_at": _moment(release.approved_at),
        "published_at": _moment(release.published_at),
        "note": release.note,
        "split": account["split"],
        "compared_with": account["compared_with"],
        "counts": account["counts"],
        "not_accepted": queries.not_accepted(session, key(release)),
        "findings": {severity: count for severity, count in account["findings"].items()},  # noqa: C416 - a plain dict
        "rules": account["rules"],
        "scores": account["scores"],
        "files": [
            {
                "dataset": file.dataset,
                "file_type": file.file_type,
                "reporting_org": file.reporting_org,
                "part": file.part,
                "records": file.activities,
                "bytes": file.size,
                "sha256": file.sha256,
                "content_at": _moment(file.content_at),
            }
            for file in queries.files(session, key(release))
        ],
        "outcomes": [_outcome(row) for row in queries.outcomes(session, key(release))],
    }


def _outcome(row: queries.OutcomeRow) -> OutcomeShown:
    return {
        "dataset": row.dataset,
        "place": row.place,
        "outcome": row.outcome,
        "reason": row.reason,
        "at": _told(row.at),
    }


def shown_lines(session: Session, number: int, *kinds: str) -> list[LineShown]:
    """The lines of a release of some kinds."""
    release = find(session, number)
    return [
        {
            "line": line.ordinal,
            "kind": line.kind,
            "subject": line.subject,
            "what": line.what,
            "words": line.words,
            "accepted_by": line.accepted_by,
            "accepted_reason": line.accepted_reason,
        }
        for line in queries.lines(session, key(release), *kinds)
    ]


def publication(done: Publication, settings: Settings) -> PublicationShown:
    """What publishing came to."""
    return {
        "release": done.number,
        "dry_run": done.dry_run,
        "nothing_to_do": done.nothing,
        "failed": done.failed,
        "address": settings.files_address,
        "outcomes": [_outcome(row) for row in done.outcomes],
        "planned": done.planned,
    }


def summary_lines(release: ReleaseShown, *, rules: bool = False) -> Iterable[str]:
    """A release for people."""
    counts = release["counts"]
    yield (
        f"Release {release['number']}: {release['state']}. Prepared by {release['prepared_by']} from the records as of "
        f"{release['as_of']}; compared with {release['compared_with']}."
    )
    if release["approved_by"]:
        yield f"Approved by {release['approved_by']} on {(release['approved_at'] or '')[:10]}."
    if release["published_at"]:
        yield f"Published on {release['published_at'][:10]}."
    yield from (f"Note: {line}" for line in (release["note"] or "").splitlines())
    for file in release["files"]:
        records = "1 record" if file["records"] == 1 else f"{file['records']:,} records"
        yield (
            f"  {file['dataset']}.xml: {file['part']}, {records}, {file['bytes']:,} bytes, "
            f"reported by {file['reporting_org']}, SHA-256 {file['sha256'][:16]}…"
        )
    yield (
        f"{counts['new']:,} new, {counts['changed']:,} changed, {counts['gone']:,} no longer published; "
        f"{counts['held_back']:,} held back, {counts['withheld']:,} withheld."
    )
    if release["not_accepted"]:
        yield f"{release['not_accepted']} of what would vanish is not accepted yet: see `earmark release diff`."
    yield "Rules: " + ", ".join(f"{count:,} {severity}" for severity, count in release["findings"].items()) + "."
    if rules:
        for rule in release["rules"]:
            yield (
                f"  {rule['severity']} {rule['rule']}, {_times(rule['count'])} {rule['activity']}: {rule['message']}"
            )
    for score in release["scores"]:
        percent = "nothing to score" if score["percent"] is None else f"{score['percent']} %"
        yield (
            f"Transparency of {score['reporting_org']}: {score['score']} of {score['attainable']} points ({percent})."
        )
    for outcome in release["outcomes"]:
        yield _outcome_line(outcome)


def _times(count: int) -> str:
    return "once, at" if count == 1 else f"{count:,} times, first at"


def _outcome_line(outcome: OutcomeShown) -> str:
    why = f": {outcome['reason']}" if outcome["reason"] else ""
    return f"  {outcome['dataset']} ({outcome['place']}): {outcome['outcome']}{why}"


def withheld_lines(lines: Sequence[LineShown]) -> Iterable[str]:
    """What is not told to the world, and why; what is said of many is said once."""
    heads = {"held-back": "Held back, since the file would break the standard:", "withheld": "Withheld on purpose:"}
    for kind, head in heads.items():
        mine = [line for line in lines if line["kind"] == kind]
        if mine:
            yield head
        alike = Counter((line["what"].split(" ")[0], line["words"]) for line in mine)
        told: set[tuple[str, str]] = set()
        for line in mine:
            said = (line["what"].split(" ")[0], line["words"])
            if alike[said] <= _NAMED:
                yield f"  {line['subject']}: {line['what']}: {line['words']}"
            elif said not in told:
                told.add(said)
                yield f"  {alike[said]} times, first {line['subject']}: {said[0]}: {line['words']}"


#: how many alike lines are told one by one
_NAMED = 5


def diff_lines(release: ReleaseShown, changes: Sequence[LineShown], vanishing: Sequence[LineShown]) -> Iterable[str]:
    """What changes in public, for people. A record that would vanish is told once, where it has to be accepted."""
    told_already = {line["subject"] for line in vanishing if line["what"] == "activity"}
    yield f"Release {release['number']} against {release['compared_with']}:"
    if vanishing:
        yield "This is public today and would vanish; each line has to be accepted (or --accept all):"
        for line in vanishing:
            state = f" [accepted by {line['accepted_by']}: {line['accepted_reason']}]" if line["accepted_by"] else ""
            named = "" if line["words"].startswith(f"{line['subject']} ") else f"{line['subject']}: "
            yield f"  {line['line']}. {named}{line['words']}{state}"
    for line in changes:
        if line["what"] != "gone" or line["subject"] not in told_already:
            yield f"  {line['subject']}: {line['words']}"
    if not changes and not vanishing:
        yield f"  {_all_new(release['counts'])}" if release["compared_with"] == "nothing" else "  nothing changes"
    kept_out = [(release["counts"]["held_back"], "held back"), (release["counts"]["withheld"], "withheld")]
    if told := " and ".join(f"{count:,} {words}" for count, words in kept_out if count):
        yield f"  {told}: `earmark release show {release['number']}` tells why"


def _all_new(counts: Counts) -> str:
    """What a release holds that is compared with nothing."""
    kinds = [(counts["activities"], "activity", "activities"), (counts["organisations"], "organisation file", "")]
    some = [f"{count:,} {one if count == 1 else many or f'{one}s'}" for count, one, many in kinds if count]
    return f"all that is in it is new: {', '.join(some)}"


def publication_lines(done: Publication, settings: Settings) -> Iterable[str]:
    """What publishing came to, for people."""
    if done.nothing:
        yield f"Nothing to do: release {done.number} is public."
        yield from (_outcome_line(_outcome(row)) for row in done.outcomes)
        return
    yield f"Release {done.number}, {'what would be done' if done.dry_run else 'dataset by dataset'}:"
    for row in done.outcomes:
        yield _outcome_line(_outcome(row))
    yield from (f"  would ask: {each}" for each in done.planned)
    if not done.dry_run and {row.outcome for row in done.outcomes if row.place == PUBLIC} != {"withdrawn"}:
        yield f"Public at {settings.files_address}/"
