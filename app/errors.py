"""What can go wrong, drawn once.

    EarmarkError
    ├── UsageError        the call makes no sense (command line: exit 2)
    ├── InvalidInput      the data has faults; carries every one of them
    │   └── PreconditionRequired   an update came without If-Match
    ├── NotFound          no such thing, or none that the caller may see
    ├── Conflict          the state forbids it
    │   └── StaleVersion  somebody changed it in the meantime
    ├── NotAuthenticated  no token, or none that is valid
    ├── NotAllowed        the token lacks the right
    ├── NotSetUp          the organisation's own set-up, or the database schema, is missing
    └── StorageFailed     the database or the disk refused (full disk, locked file)

Faults in what users type are values (``app.domain.findings.Finding``); these exceptions carry them to the border.
The table from class to HTTP status stands in ``app.main``; the one to exit status in ``app.cli``.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault in an input: where it is, which rule it breaks, and what to do."""

    #: JSON pointer into the body, or "row 12, column amount" for tables
    pointer: str
    #: stable id of the rule, such as "required" or "agreement.unknown-preset"
    rule: str
    #: a sentence that tells what to do
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"pointer": self.pointer, "rule": self.rule, "message": self.message}


class EarmarkError(Exception):
    """The root: everything Earmark raises on purpose."""

    title = "Something went wrong"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageError(EarmarkError):
    title = "The call cannot be understood"


class InvalidInput(EarmarkError):
    """The input has faults; ``faults`` lists all of them."""

    title = "The input has faults"

    def __init__(self, faults: list[Fault], message: str | None = None) -> None:
        super().__init__(message or f"{len(faults)} fault{'' if len(faults) == 1 else 's'} in the input")
        self.faults = faults


class PreconditionRequired(InvalidInput):
    title = "An update needs the version it is based on"

    def __init__(self) -> None:
        super().__init__(
            [Fault(pointer="", rule="if-match", message="Send the ETag of the version you read in If-Match.")],
            "The If-Match header is missing",
        )


class NotFound(EarmarkError):
    title = "Not found"


class Conflict(EarmarkError):
    """The state forbids it; ``faults`` names the fields concerned where there are any."""

    title = "The present state does not allow this"

    def __init__(self, message: str, faults: list[Fault] | None = None) -> None:
        super().__init__(message)
        self.faults = faults or []


class StaleVersion(Conflict):
    title = "Somebody changed it in the meantime"


class NotAuthenticated(EarmarkError):
    title = "A valid token is needed"


class NotAllowed(EarmarkError):
    title = "This token does not carry the right"


class NotSetUp(EarmarkError):
    title = "Earmark is not set up yet"


class StorageFailed(EarmarkError):
    title = "This could not be stored or read"
