"""What a mapping file may say. Unknown keys are refused, and every fault is listed with its line."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.domain.keys import without_marks
from app.inputs import Input


def _name(text: str) -> str:
    return " ".join(without_marks(text).split())


#: what stands in a mapping is text, as it is written there
Words = Annotated[str, StringConstraints(max_length=1000)]
#: a name as it is compared: without what nobody sees, and however its words are broken into lines
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    AfterValidator(lambda text: " ".join(without_marks(text).split())),
]

#: a few characters whose blanks count
Exactly = Annotated[str, StringConstraints(max_length=100, strip_whitespace=False)]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


#: one name or several
Names = Annotated[list[Name], BeforeValidator(_listed), Field(min_length=1, max_length=50)]
#: one text or several; an empty one stands for an empty cell
Texts = Annotated[list[Words], BeforeValidator(_listed), Field(min_length=1, max_length=1000)]


class FileWords(Input):
    """How the file is written; the same words as the options of the command line."""

    encoding: str | None = None
    separator: Exactly | None = None
    decimal: str | None = None
    grouping: Exactly | None = None
    dates: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    hidden_rows: str | None = None


class Minus(Input):
    """A column that tells which amounts are negative, such as one of D and C."""

    column: Name
    values: Texts


class Part(Input):
    """One part of a text, counted from 1."""

    of: Annotated[Exactly, StringConstraints(min_length=1)]
    number: Annotated[int, Field(ge=1, le=50)]


class Source(Input):
    """Where the value of one of our columns comes from, and what is done to it, in the order of the fields."""

    column: Name | None = None
    columns: Names | None = None
    #: between the parts of several columns
    joined_by: Exactly = "-"
    debit: Name | None = None
    credit: Name | None = None
    part: Part | None = None
    #: first and last character, counted from 1: ``3-8``
    characters: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}-[1-9][0-9]{0,2}$")] | None = None
    remove_prefix: Words | None = None
    remove_suffix: Words | None = None
    replace: dict[Exactly, Exactly] = Field(default_factory=dict)
    #: filled with zeros on the left to so many characters
    pad: Annotated[int, Field(ge=1, le=60)] | None = None
    prefix: Words | None = None
    suffix: Words | None = None
    #: their code → ours
    values: dict[str, Words] | None = None
    #: what becomes of a code that is not among the values
    others: Literal["refuse", "keep", "empty", "skip"] = "refuse"
    #: figures of the file are multiplied by this: it is in thousands or millions
    times: Annotated[int, Field(ge=2, le=1_000_000_000)] | None = None
    when_empty: Words | None = None
    minus: Minus | None = None
    #: amounts count the other way round: of all rows, or of these types of transaction
    reversed: bool = False
    reversed_for: Texts | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        both = self.debit is not None and self.credit is not None
        if (self.debit is None) is not (self.credit is None):
            raise PydanticCustomError("mapping-debit", "Name the column of debits and the column of credits.")
        if [self.column is not None, self.columns is not None, both].count(True) != 1:
            raise PydanticCustomError("mapping-origin", "Say one of: column, columns, or debit and credit.")
        if self.characters is not None and self.first > self.last:
            raise PydanticCustomError("mapping-characters", "The first character stands behind the last.")
        return self

    @property
    def first(self) -> int:
        return int((self.characters or "1-1").partition("-")[0])

    @property
    def last(self) -> int:
        return int((self.characters or "1-1").partition("-")[2])

    @property
    def origins(self) -> list[str]:
        """Their columns that make the value."""
        if self.debit is not None and self.credit is not None:
            return [self.debit, self.credit]
        return self.columns or ([self.column] if self.column is not None else [])

    @property
    def of_amounts(self) -> bool:
        """Whether it says something about signs."""
        return bool(self.debit or self.minus or self.reversed or self.reversed_for)


class Condition(Input):
    """What a cell holds: all that is said must be so; letters are compared without regard to their size."""

    column: Name
    #: ``is`` in the file
    equals: Texts | None = Field(default=None, alias="is")
    is_not: Texts | None = None
    begins: Texts | None = None
    contains: Texts | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.equals is self.is_not is self.begins is self.contains is None:
            raise PydanticCustomError("mapping-condition", "Say what the cell holds: is, is_not, begins or contains.")
        return self

    @property
    def told(self) -> str:
        said = (("is", self.equals), ("is not", self.is_not), ("begins", self.begins), ("contains", self.contains))
        parts = [f"{word} {' or '.join(text or '(empty)' for text in texts)}" for word, texts in said if texts]
        return f"{self.column} {' and '.join(parts)}"


class Skip(Input):
    """Rows that are left out: those that meet every one of the conditions."""

    all: Annotated[list[Condition], Field(min_length=1, max_length=20)]

    @property
    def told(self) -> str:
        return ", ".join(condition.told for condition in self.all)


def _skips(value: object) -> object:
    """A single condition may stand for a list of one."""
    if not isinstance(value, list):
        return value
    return [{"all": [each]} if isinstance(each, dict) and "all" not in each else each for each in value]


def _sources(value: object) -> object:
    """The name of a column alone, or a list of names, says where a value comes from."""
    if not isinstance(value, dict):
        return value
    return {name: _source(each) for name, each in value.items()}


def _source(value: object) -> object:
    match value:
        case str():
            return {"column": value}
        case list():
            return {"columns": value}
    return value


class Mapping(Input):
    """A mapping file as a whole."""

    kind: Name | None = None
    #: name of the system or report that files come from; each is compared with the last one of the same source
    source: Annotated[Name, StringConstraints(max_length=100)] | None = None
    file: FileWords = Field(default_factory=FileWords)
    columns: Annotated[dict[Name, Source], BeforeValidator(_sources), Field(min_length=1, max_length=200)]
    constants: dict[Name, Name] = Field(default_factory=dict)
    skip: Annotated[list[Skip], BeforeValidator(_skips), Field(max_length=100)] = Field(default_factory=list)

    @property
    def needed(self) -> frozenset[str]:
        """Their columns that the file must have."""
        return frozenset(self._named())

    def _named(self) -> Iterator[str]:
        for source in self.columns.values():
            yield from source.origins
            if source.minus is not None:
                yield source.minus.column
        for skip in self.skip:
            for condition in skip.all:
                yield condition.column
