"""What an export did, for people and for programs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.publishing.exporting.parts import Exclusion

#: projects that are named where something is said of many
_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """Something to know about an export that is no reason to stop it."""

    rule: str
    #: code of the project; None: the file as a whole
    project: str | None = None
    message: str

    def as_dict(self) -> dict[str, object]:
        return {"rule": self.rule, "project": self.project, "message": self.message}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """An activity that the world has seen, and that whoever reads this file will no longer find."""

    #: code of the project
    project: str
    #: the identifier under which it was seen
    identifier: str
    #: why, and as far as it is known since when and by whom
    reason: str

    def as_dict(self) -> dict[str, str]:
        return {"project": self.project, "identifier": self.identifier, "reason": self.reason}


@dataclass(kw_only=True, slots=True)
class ExportAccount:
    """What an export did."""

    #: records in the file
    written: int = 0
    #: why there is no file; None when there is one
    nothing: str | None = None
    #: what earlier files held and this one does not
    gone: list[Gone] = field(default_factory=list)
    #: of these, how many came from stored fragments
    reused: int = 0
    #: activities that would make the file invalid, each with its reasons
    held_back: list[Exclusion] = field(default_factory=list)
    #: what is kept out on purpose: withheld, under embargo, not released
    exclusions: list[Exclusion] = field(default_factory=list)
    findings: list[Remark] = field(default_factory=list)

    @property
    def has_faults(self) -> bool:
        """Whether something could not be published that should have been."""
        return bool(self.held_back) or self.nothing is not None

    def as_dict(self) -> dict[str, object]:
        return {
            "written": self.written,
            "nothing": self.nothing,
            "gone": [each.as_dict() for each in self.gone],
            "reused": self.reused,
            "held_back": [each.as_dict() for each in self.held_back],
            "exclusions": [each.as_dict() for each in self.exclusions],
            "findings": [each.as_dict() for each in self.findings],
        }

    def as_lines(self) -> list[str]:
        """Sentences for the command line: what is not in the file, and what to know about it."""
        return [
            *(f"gone: {each.project} ({each.identifier}): {each.reason}" for each in self.gone),
            *(f"held back: {each.project}: {each.reason}" for each in self.held_back),
            *(f"left out: {each.project}: {each.what}: {each.reason}" for each in self.exclusions),
            *self._told(),
            *([self.nothing] if self.nothing else []),
        ]

    def _told(self) -> Iterator[str]:
        """Findings, with what is said of several projects said once."""
        projects: dict[str, list[str]] = {}
        for each in self.findings:
            projects.setdefault(each.message, []).extend([each.project] if each.project else [])
        for message, codes in projects.items():
            if len(codes) > 1:
                more = f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else ""
                yield f"{len(codes)} projects ({', '.join(codes[:_NAMED])}{more}): {message}"
            else:
                yield f"{codes[0]}: {message}" if codes else message
