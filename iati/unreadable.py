"""A file that cannot be read, named: what is raised where several files are read at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from iati.source import SourceFault

Source = Path | bytes


# not frozen: a context manager that an exception passes through sets its traceback
@dataclass(unsafe_hash=True)
class UnreadableError(Exception):
    """One of several sources cannot be read to its end."""

    source: Source
    fault: SourceFault  #: what is wrong, and on which line

    def __str__(self) -> str:
        name = self.source if isinstance(self.source, Path) else "the given bytes"
        return f"{name}: {self.fault}"


@contextmanager
def reading(source: Source) -> Iterator[None]:
    """Say which source it was when reading fails."""
    try:
        yield
    except SourceFault as fault:
        raise UnreadableError(source, fault) from None
