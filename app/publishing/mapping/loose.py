"""Elements that no table can hold: a transaction without a day or an amount, a budget without a figure, an organisation
without a part. A ledger has no use for them, so they are kept with the activity itself, with their places among their
siblings, and come out of it as they went in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias, TypeVar

from app.publishing.mapping.binds import exact
from app.publishing.mapping.shape import Remainder
from iati.jsonform import from_json, to_json
from iati.lexical import LexicalError, parse_date
from iati.model import Activity, Budget, ParticipatingOrg, PlannedDisbursement, Transaction

Node = TypeVar("Node")
#: what may be loose
Element: TypeAlias = Transaction | Budget | PlannedDisbursement | ParticipatingOrg


class LooseElement(NamedTuple):
    """An element and its place among the elements of its name."""

    at: int
    element: Element


#: loose elements in the order of their places, by list of the activity
Loose = dict[str, list[LooseElement]]

_NODES: Final[Mapping[str, type[Element]]] = {
    "transaction": Transaction,
    "budget": Budget,
    "planned_disbursement": PlannedDisbursement,
    "participating_org": ParticipatingOrg,
}


def take_loose(activity: Activity, unread: list[LexicalError] | None = None) -> Loose:
    """Takes the elements that no table can hold out of an activity's lists; ``unread``: texts that are no values."""
    found: Loose = {}
    lists: tuple[tuple[str, Sequence[Element]], ...] = (
        ("transaction", activity.transaction),
        ("budget", activity.budget),
        ("planned_disbursement", activity.planned_disbursement),
        ("participating_org", activity.participating_org),
    )
    for name, elements in lists:
        loose = [LooseElement(at, each) for at, each in enumerate(elements) if not _fits(each, unread)]
        if loose:
            found[name] = loose
            places = {each.at for each in loose}
            setattr(activity, name, [each for at, each in enumerate(elements) if at not in places])
    return found


def _fits(element: Element, unread: list[LexicalError] | None) -> bool:
    if isinstance(element, ParticipatingOrg):
        return bool(element.role)
    try:
        if element.value is None or exact(element.value.text) is None:
            return False
        if isinstance(element, Transaction):
            day = element.transaction_date
            return day is not None and parse_date(day.iso_date) is not None
    except LexicalError as error:
        if unread is not None:
            unread.append(error)
        return False
    return True


def placed(elements: Iterable[Node], loose: Iterable[LooseElement]) -> Iterator[tuple[int, Node]]:
    """The elements that are left of a list with the places that they had in it."""
    taken = {each.at for each in loose}
    at = 0
    for element in elements:
        while at in taken:
            at += 1
        yield at, element
        at += 1


def loose_as_json(loose: Loose) -> dict[str, list[tuple[int, dict[str, object]]]]:
    """Loose elements as a remainder keeps them: {list: [[place, element], …]}."""
    return {name: [(each.at, to_json(each.element)) for each in elements] for name, elements in loose.items()}


def loose_of(remainder: Remainder | None) -> Loose:
    """The loose elements that an activity's remainder keeps."""
    kept = {} if remainder is None else remainder.get("loose", {})
    return {
        name: [LooseElement(at, from_json(_NODES[name], element)) for at, element in elements]
        for name, elements in kept.items()
    }
