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

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault in an input: where it is, which rule it breaks, and what to do."""

    #: JSON pointer into the body, or into a row of a table: its first step is the column
    pointer: str = ""
    #: stable id of the rule, such as "required" or "agreement.unknown-preset"
    rule: str
    #: a sentence that tells what to do
    message: str
    #: row of a table, whose header is row 1; None for what is no table
    row: int | None = None

    @property
    def column(self) -> str:
        """The column of a table, or the field of a body; empty when the row or body as a whole is meant."""
        return self.pointer.lstrip("/").split("/")[0].replace("~1", "/").replace("~0", "~")

    @property
    def place(self) -> str:
        """The place as people read it: ``row 3, column name``, or the path of the field; empty for the whole."""
        if self.row is None:
            return self.pointer.removeprefix("/query").lstrip("/")
        return f"row {self.row}, column {self.column}" if self.column else f"row {self.row}"

    def in_row(self, row: int) -> "Fault":
        """The same fault, of the content of a row of a table."""
        return replace(self, row=row)

    def as_dict(self) -> dict[str, str | int]:
        where: dict[str, str | int] = (
            {"pointer": self.pointer} if self.row is None else {"row": self.row, "column": self.column}
        )
        return {**where, "rule": self.rule, "message": self.message}


def step(name: str) -> str:
    """A name as one step of a JSON pointer."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


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
