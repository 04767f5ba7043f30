"""What preparing a release came to, and how it is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.db.base import key
from app.db.publishing import Release
from app.domain.access import Actor
from app.domain.terms import ReleaseState
from app.publishing.exporting.account import ExportAccount
from app.publishing.releasing import queries
from app.publishing.releasing.accounts import account_of
from app.publishing.releasing.changes import Changes
from app.publishing.releasing.files import Released
from app.publishing.releasing.judging import Judging
from app.publishing.releasing.queries import Line
from app.publishing.releasing.wanted import Wanted


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """Files of a release, and everything to know about them."""

    wanted: Wanted
    files: Sequence[Released]
    account: ExportAccount
    judging: Judging
    changes: Changes
    #: what it was compared with
    compared_with: str
    #: what was public
    previous: Release | None

    def same_as(self, session: Session) -> Release | None:
        """The release that waits, or is public, with exactly these files."""
        mine = {(file.dataset, file.sha256) for file in self.files}
        newest = queries.newest(session, ReleaseState.PREPARED, ReleaseState.APPROVED, ReleaseState.PUBLISHED)
        if newest is None:
            return None
        theirs = {(file.dataset, file.sha256) for file in queries.files(session, key(newest))}
        if mine != theirs:
            return None
        # the same files may have been compared with something else meanwhile
        told = (self.compared_with, self.changes.digest())
        same = told == (newest.account.get("compared_with"), newest.account.get("told"))
        return newest if newest.state is ReleaseState.PUBLISHED or same else None

    def store(self, session: Session, actor: Actor) -> int:
        """Writes the release with its files and lines; gives its number."""
        release = Release(
            number=queries.next_number(session),
            as_of=self.wanted.as_of,
            prepared_by=actor.name,
            previous_id=None if self.previous is None else self.previous.id,
            note=self.wanted.note,
            account=dict(
                account_of(
                    self.account,
                    self.judging,
                    self.files,
                    self.changes,
                    split=self.wanted.split,
                    compared_with=self.compared_with,
                )
            ),
        )
        session.add(release)
        session.flush()
        queries.add_files(session, [_row(key(release), file) for file in self.files])
        queries.add_lines(session, key(release), self._lines())
        return release.number

    def _lines(self) -> Iterator[Line]:
        """Everything to know, in the order in which it is read: what vanishes, what changes, what is withheld."""
        yield from self.changes.lines()
        for each in self.account.held_back:
            yield Line(kind="held-back", subject=each.project, what=each.what, words=each.reason)
        for each in self.account.exclusions:
            yield Line(kind="withheld", subject=each.project, what=each.what, words=each.reason)
        for remark in self.account.findings:
            yield Line(kind="withheld", subject=remark.project or "all", what="part", words=remark.message)


def _row(release_id: int, file: Released) -> dict[str, object]:
    return {
        "release_id": release_id,
        "dataset": file.dataset,
        "file_type": file.file_type,
        "activities": file.records,
        "size": file.size,
        "sha256": file.sha256,
        "path": f"{file.sha256[:2]}/{file.sha256}",
        "reporting_org": file.reporting_org,
        "part": file.part,
        "content_at": file.content_at,
        "records_sha256": file.records_sha256,
    }
