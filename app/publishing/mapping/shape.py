"""Between elements and columns: one mechanism, by which nothing of a published file is lost.

A :class:`Shape` lists the columns of one kind of element, each as a :class:`Bind` that reads its value out of an
element and writes it into one. Three things follow from that list:

- ``extract(element)`` gives the columns,
- ``build(columns, None)`` renders an element from nothing but its columns,
- ``remainder(element, columns)`` is None when rendering gives the same element back, otherwise the element as JSON;
  ``build(columns, remainder)`` then starts from it and writes only those columns that it does not already say. A
  literal such as ``1000.10`` so stays exactly as long as it still means what the column holds.

Two kinds of columns need more than their element. Those that name an organisation come from the organisation's row;
where the file called it otherwise, the remainder pins its wording, which holds as long as the identifier agrees. An
amount without a currency has the activity's; its column says which, and stays unsaid while the activity's is the same.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter, eq, itemgetter
from typing import TYPE_CHECKING, Any, Final, Generic, Required, TypeAlias, TypedDict, TypeVar, cast

from app.publishing.mapping.glance import Together
from iati.jsonform import from_json, to_json
from iati.lexical import LexicalError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Node = TypeVar("Node")
Node_contra = TypeVar("Node_contra", contravariant=True)

#: an element's values by column; what each holds is said by the column's :class:`Bind`
Columns: TypeAlias = dict[str, Any]


class Remainder(TypedDict, total=False):
    """What the columns of an element do not say of it."""

    #: the whole element, as JSON
    element: Required[dict[str, object]]
    #: columns with the name of an organisation, where the file called it otherwise
    pinned: list[str]
    #: elements that no table can hold, each with its place: list of the activity → [[place, element], …]
    loose: dict[str, list[tuple[int, dict[str, object]]]]


class RowOfFile(TypedDict):
    """A row that a published file may have brought."""

    id: int
    #: what its columns do not say of the element
    remainder: Remainder | None


#: a column that is written even when it holds what a blank element is taken to say
ALWAYS: Final = object()


@dataclass(frozen=True, slots=True)
class Bind(Generic[Node_contra]):
    """One column of an element. ``write`` after ``read`` of the same value changes nothing."""

    column: str
    read: Callable[[Node_contra], object]
    #: takes what ``read`` gives
    write: Callable[[Node_contra, Any], None]
    #: what a blank element is taken to say; not written when rendering
    blank: object = None
    #: the column with the identifier of the organisation that this one names
    named_by: str = ""
    #: an unsaid value is the activity's default currency
    inherits: bool = False
    #: what stands for a value that cannot be read
    unread: object = None
    #: the field of the element that holds the value and nothing else; empty: none does
    field: str = ""
    #: the field with the text whose further languages this column holds; empty: none
    continues: str = ""
    #: how a value is written; None: as it is, a text
    text: Callable[[Any], str] | None = None
    #: what that field holds for a text; None: the text itself
    held: Callable[[str], object] | None = None
    #: whether the field holds a value and nothing else; None: when it equals what ``held`` gives
    says: Callable[[Any, Any], bool] | None = None

    def present(self, element: Node_contra) -> object:
        """The value of an element, or what stands for one that cannot be read."""
        try:
            return self.read(element)
        except LexicalError:
            return self.unread

    def filling(self) -> Callable[[Any], object] | None:
        """Told a value: what the field holds for it. None: the value itself."""
        text, held = self.text, self.held
        if text is None or held is None:
            return text or held
        return lambda value: held(text(value))

    def glance(self) -> Callable[[Any, Any], bool]:
        """Told what the field holds and a value: whether that is all it says."""
        if self.says is not None:
            return self.says
        if (filling := self.filling()) is None:
            return eq
        return lambda found, value: found == filling(value)


def _several(getter: Callable[..., Callable[[Any], Any]], names: Sequence[str]) -> Callable[[Any], tuple[object, ...]]:
    """What ``attrgetter`` or ``itemgetter`` get by these names, always as a tuple."""
    if not names:
        return lambda _of: ()
    get = getter(*names)
    return get if len(names) > 1 else lambda of: (get(of),)


class Shape(Generic[Node]):
    """The columns of one kind of element."""

    def __init__(
        self,
        node: type[Node],
        *binds: Bind[Node],
        render: Callable[[Mapping[str, object]], Node] | None = None,
        read_plain: Callable[[Node], Columns | None] = lambda _element: None,
        together: Sequence[Together] = (),
    ) -> None:
        """``render``: a shorter way to what :meth:`render_by_binds` gives, for elements that come in great numbers.

        ``read_plain``: a shorter way to the columns of such elements that are seen to say nothing but them; None for
        the others. ``together``: fields that several columns say, so that :meth:`says_all` can tell.
        """
        self.node = node
        self.binds = binds
        self.columns = tuple(bind.column for bind in binds)
        self.together = together
        self.render = render or self.render_by_fields
        self.read_plain = read_plain
        self._writers = [(bind.column, bind.write, bind.blank) for bind in binds]
        self._fields = [(bind.column, bind.field, bind.filling(), bind.blank) for bind in binds if bind.field]
        self._others = [(bind.column, bind.write, bind.blank) for bind in binds if not bind.field]
        self._readers = [(bind.column, bind.read) for bind in binds]
        self._inheriting = [bind.column for bind in binds if bind.inherits]
        self._named = [bind for bind in binds if bind.named_by]
        blank = node()
        alone = [bind for bind in binds if bind.field]
        self._held = _several(attrgetter, [each.field for each in alone])
        self._columns_held = _several(itemgetter, [each.column for each in alone])
        self._plain = [(getattr(blank, each.field), each.blank, each.glance()) for each in alone]
        self._together = [(attrgetter(field.field), field.columns, field.says) for field in together]
        said = {bind.field for bind in alone} | {field.field for field in together}
        unsaid = [
            field.name
            for field in fields(cast("type[DataclassInstance]", node))
            if field.compare and field.name not in said
        ]
        self._unsaid = _several(attrgetter, unsaid)
        self._nothing_unsaid = self._unsaid(blank)
        told = {bind.column for bind in alone} | {name for field in together for name in field.columns}
        apart = [bind for bind in binds if bind.column not in told]
        self._apart = _several(itemgetter, [bind.column for bind in apart])
        self._nothing_apart = tuple(bind.blank for bind in apart)

    def extract(self, element: Node, currency: str = "", unread: list[LexicalError] | None = None) -> Columns:
        """The columns of an element. ``currency``: the activity's default. ``unread`` takes what cannot be read."""
        try:
            columns = {column: read(element) for column, read in self._readers}
        except LexicalError:
            columns = self._readable(element, unread)
        for column in self._inheriting:
            columns[column] = columns[column] or currency
        return columns

    def _readable(self, element: Node, unread: list[LexicalError] | None) -> Columns:
        columns: Columns = {}
        for bind in self.binds:
            try:
                columns[bind.column] = bind.read(element)
            except LexicalError as error:
                columns[bind.column] = bind.unread
                if unread is not None:
                    unread.append(error)
        return columns

    def remainder(self, element: Node, columns: Mapping[str, object], *, blanks: bool = False) -> Remainder | None:
        """What the columns do not say of an element, or None. ``blanks``: white space in empty elements counts too."""
        if not blanks and self.says_all(element, columns):
            return None
        rendered = self.render(columns)
        if rendered == element and not (blanks and to_json(rendered) != to_json(element)):
            return None
        kept: Remainder = {"element": to_json(element)}
        pinned = [bind.column for bind in self._named if bind.read(element) != columns[bind.column]]
        if pinned:
            kept["pinned"] = pinned
        return kept

    def says_all(self, element: Node, columns: Mapping[str, object]) -> bool:
        """Whether it is seen at a glance that the columns say all of an element; it may be so though it is not seen."""
        if self._apart(columns) != self._nothing_apart or self._unsaid(element) != self._nothing_unsaid:
            return False
        for found, value, (unsaid, blank, says) in zip(
            self._held(element), self._columns_held(columns), self._plain, strict=True
        ):
            if not (found == unsaid if value == blank else says(found, value)):
                return False
        return all(says(get(element), *[columns[name] for name in names]) for get, names, says in self._together)

    def build(self, columns: Mapping[str, object], remainder: Remainder | None, currency: str = "") -> Node:
        """The element that the columns and the remainder make together. ``currency``: the activity's default."""
        return self.render(columns) if remainder is None else self.overlay(columns, remainder, currency)

    def render_by_fields(self, columns: Mapping[str, object]) -> Node:
        """The same as :meth:`render_by_binds`, where what a field holds alone is given to the element at once."""
        node = self.node(
            **{
                field: value if filling is None else filling(value)
                for column, field, filling, blank in self._fields
                if (value := columns[column]) != blank and value is not None
            }
        )
        for column, write, blank in self._others:
            value = columns[column]
            if value != blank:
                write(node, value)
        return node

    def render_by_binds(self, columns: Mapping[str, object]) -> Node:
        """An element from nothing but its columns."""
        node = self.node()
        for column, write, blank in self._writers:
            value = columns[column]
            if value != blank:
                write(node, value)
        return node

    def overlay(self, columns: Mapping[str, object], remainder: Remainder, currency: str = "") -> Node:
        node = from_json(self.node, remainder["element"])
        pinned = self._pins(node, columns, remainder.get("pinned", ()))
        for bind in self.binds:
            value = columns[bind.column]
            present = bind.present(node)
            if bind.inherits:
                present = present or currency
            if present != value and bind.column not in pinned:
                bind.write(node, value)
        return node

    def _pins(self, node: Node, columns: Mapping[str, object], pinned: Collection[str]) -> set[str]:
        """Pins hold while the element still speaks of the same organisation."""
        if not pinned:
            return set()
        said = {bind.column: bind.read(node) for bind in self.binds if bind.column in {n.named_by for n in self._named}}
        return {
            bind.column
            for bind in self._named
            if bind.column in pinned and said[bind.named_by] == columns[bind.named_by]
        }
