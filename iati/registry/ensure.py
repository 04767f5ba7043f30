"""Bringing a dataset to the state it should have in a registry, however often it is asked for.

Neither registry knows a request that came twice, and creation looks before it creates, so that two at once make two
datasets. So: one caller at a time for each short name (the caller sees to that), and after a creation of which nobody
knows what became of it, the list is read before it is tried again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from iati.registry.dataset import Dataset, Entry, Organisation, Planned, faults_of
from iati.registry.wire import RegistryFault

Done = Literal["created", "updated", "unchanged", "withdrawn", "absent"]


class Registry(Protocol):
    """What both kinds of registry can do. ``who`` names it in sentences."""

    who: str

    def organisation(self, identifier: str) -> Organisation: ...
    def entries(self, organisation: Organisation) -> list[Entry]: ...
    def find(self, organisation: Organisation, short_name: str) -> Entry | None: ...
    def fresh(self, entry: Entry) -> Entry | None: ...
    def plan_creation(self, organisation: Organisation, dataset: Dataset) -> Planned: ...
    def plan_update(self, entry: Entry, dataset: Dataset) -> Planned | None: ...
    def plan_removal(self, entry: Entry, *, hide: bool) -> Planned | None: ...
    def carry_out(self, planned: Planned) -> str: ...
    def changes(self, entry: Entry, planned: Planned) -> list[str]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Ensured:
    """What was done, or would be."""

    done: Done
    #: of the dataset in the registry; empty: it is not there (yet)
    id: str = ""
    #: what was sent, or would be; None: nothing
    planned: Planned | None = None
    #: what it altered, in words
    changes: tuple[str, ...] = ()


def standing(entries: Sequence[Entry], short_name: str) -> Entry | None:
    """The one entry with that short name; None: there is none.

    :raises RegistryFault: when there are several: which one is right, a person has to say.
    """
    found = [entry for entry in entries if entry.short_name == short_name]
    if len(found) > 1:
        ids = ", ".join(sorted(entry.id for entry in found))
        raise RegistryFault(
            f"The dataset {short_name} stands {len(found)} times in the registry ({ids}): remove all but one there."
        )
    return found[0] if found else None


def renamed(entries: Sequence[Entry], short_name: str, url: str) -> Entry | None:
    """The one entry that leads to the same address under another name; None: there is none.

    A second entry beside it would have the world count everything twice, so that it gets its name back.

    :raises RegistryFault: when there are several: which one is right, a person has to say.
    """
    found = [entry for entry in entries if url and entry.url == url]
    if len(found) > 1:
        names = ", ".join(sorted(entry.short_name for entry in found))
        raise RegistryFault(
            f"The address of {short_name} stands {len(found)} times in the registry ({names}): leave one there."
        )
    return found[0] if found else None


def ensure(
    registry: Registry,
    organisation: Organisation,
    entries: Sequence[Entry],
    dataset: Dataset,
    *,
    dry_run: bool = False,
    inner_addresses: bool = False,
) -> Ensured:
    """Creates the dataset, brings it up to date, or finds nothing to do.

    ``entries`` are those of the organisation. With ``dry_run`` nothing is changed.

    :raises RegistryFault: when it cannot be done, or it stays unclear whether it was.
    """
    entry = (
        standing(entries, dataset.short_name)
        or renamed(entries, dataset.short_name, dataset.url)
        or registry.find(organisation, dataset.short_name)
    )
    new = entry is None or entry.short_name != dataset.short_name
    if faults := faults_of(dataset, organisation, new=new, inner_addresses=inner_addresses):
        raise RegistryFault(" ".join(faults))
    if entry is None:
        return _create(registry, organisation, dataset, dry_run=dry_run)
    if entry.owner and entry.owner != organisation.id:
        raise RegistryFault(
            f"The dataset {dataset.short_name} belongs to another organisation in the registry: it is left alone."
        )
    return _update(registry, entry, dataset, dry_run=dry_run)


def _create(registry: Registry, organisation: Organisation, dataset: Dataset, *, dry_run: bool) -> Ensured:
    planned = registry.plan_creation(organisation, dataset)
    if dry_run:
        return Ensured(done="created", planned=planned)
    for attempt in (1, 2):
        try:
            key = registry.carry_out(planned)
        except RegistryFault as fault:
            if not (fault.unclear or fault.taken):
                raise
            made = _look(registry, organisation, dataset.short_name, fault)
            if made is not None:
                # it was created after all, or by somebody else in this moment
                settled = _update(registry, made, dataset, dry_run=False)
                return Ensured(done="created", id=made.id, planned=planned, changes=settled.changes)
            if fault.taken or attempt == 2:
                raise
        else:
            return Ensured(done="created", id=key, planned=planned)
    raise RuntimeError("a creation neither succeeded nor failed")


def _look(registry: Registry, organisation: Organisation, short_name: str, fault: RegistryFault) -> Entry | None:
    """The dataset, when it is there by now."""
    try:
        return standing(registry.entries(organisation), short_name)
    except RegistryFault as second:
        raise RegistryFault(
            f"{fault.words} Whether {short_name} was created is not known, and could not be looked up: {second.words} "
            "Run it again: it looks first.",
            unclear=True,
            everything=second.everything,
        ) from second


def _update(registry: Registry, entry: Entry, dataset: Dataset, *, dry_run: bool) -> Ensured:
    fresh = registry.fresh(entry)
    if fresh is None:
        raise RegistryFault(f"The dataset {entry.short_name} was removed from the registry a moment ago: run it again.")
    planned = registry.plan_update(fresh, dataset)
    if planned is None:
        return Ensured(done="unchanged", id=entry.id)
    changes = tuple(registry.changes(fresh, planned))
    if dry_run:
        return Ensured(done="updated", id=entry.id, planned=planned, changes=changes)
    try:
        registry.carry_out(planned)
    except RegistryFault as fault:
        if not fault.unclear:
            raise
        after = registry.fresh(entry)
        if after is None:
            raise
        again = registry.plan_update(after, dataset)
        if again is not None:
            # the same request twice does the same as once
            registry.carry_out(again)
    return Ensured(done="updated", id=entry.id, planned=planned, changes=changes)


def withdraw(
    registry: Registry,
    organisation: Organisation,
    entries: Sequence[Entry],
    short_name: str,
    *,
    url: str = "",
    hide: bool = False,
    dry_run: bool = False,
) -> Ensured:
    """Takes a dataset out of the registry, or hides it there. ``url``: of its file, for one that was renamed there.

    :raises RegistryFault: when it cannot be done, or it stays unclear whether it was.
    """
    entry = standing(entries, short_name) or renamed(entries, short_name, url)
    if entry is None:
        return Ensured(done="absent")
    if entry.owner and entry.owner != organisation.id:
        raise RegistryFault(f"The dataset {short_name} belongs to another organisation in the registry: it stays.")
    planned = registry.plan_removal(entry, hide=hide)
    if planned is None:
        return Ensured(done="absent", id=entry.id)
    if not dry_run:
        try:
            registry.carry_out(planned)
        except RegistryFault as fault:
            if not (fault.unclear or fault.gone):
                raise
            after = registry.fresh(entry)
            again = registry.plan_removal(after, hide=hide) if after is not None else None
            if again is not None:
                registry.carry_out(again)
    return Ensured(done="withdrawn", id=entry.id, planned=planned)
