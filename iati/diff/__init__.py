"""Comparing two files, or two records, by meaning.

    >>> comparison = compare(Path("old.xml"), Path("new.xml"))
    >>> comparison.same, len(comparison.added), comparison.changed
    (False, 1, 3)
    >>> for record in comparison.changed_records(): ...

What does not count: the order of an element's children, white space, attribute order, prefixes, how a number, date or
boolean is written (``1000.10`` is ``1000.1``), whether a language or currency stands on the element or is inherited,
whether an assumed vocabulary, budget type or status is written out, when the file was generated.
"""

from iati.diff.elements import Difference, compare_records
from iati.diff.files import ChangedRecord, Comparison, Record, RootDifference, Side, compare
from iati.unreadable import UnreadableError

__all__ = [
    "ChangedRecord",
    "Comparison",
    "Difference",
    "Record",
    "RootDifference",
    "Side",
    "UnreadableError",
    "compare",
    "compare_records",
]
