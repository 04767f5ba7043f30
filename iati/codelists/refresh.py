"""Refreshing codelists, publishers and prefixes from a folder, a file or an address. All or nothing."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx

from iati.codelists.compiler import compile_documents
from iati.codelists.store import (
    CODELISTS,
    PREFIXES,
    PUBLISHERS,
    Register,
    data_folder,
    load_register,
    load_snapshot,
    load_supplement,
)
from iati.codelists.table import Code, Codelist, Snapshot

#: no official file comes near this size; anything larger is not one
MAX_BYTES = 32 * 1024 * 1024

ChangeKind = Literal["added", "removed", "withdrawn", "restored", "renamed", "moved"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one code (of a list or a register)."""

    list: str
    code: str
    kind: ChangeKind  #: ``moved``: its category changed; ``restored``: withdrawn before, active now
    before: str = ""  #: name or category before
    after: str = ""  #: name or category now

    def __str__(self) -> str:
        told = f"{self.list} {self.code}: {self.kind}"
        if self.kind in {"renamed", "moved"}:
            return f"{told} from “{self.before}” to “{self.after}”"
        return f"{told} ({self.after or self.before})" if self.after or self.before else told


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """What a refresh did. With faults nothing was written."""

    faults: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    #: names of the lists and registers that the source held
    read: tuple[str, ...] = ()
    #: names of the lists that the source did not hold and that stay as they were
    kept: tuple[str, ...] = ()
    written: tuple[Path, ...] = ()


@dataclass(kw_only=True)
class _Material:
    """What a source holds: contents by where they come from, and what went wrong in fetching them."""

    codelists: list[tuple[str, bytes]] = field(default_factory=list)
    registers: list[tuple[str, bytes]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def update(
    source: Path | str, *, taken_on: date, data_dir: Path | None = None, transport: httpx.BaseTransport | None = None
) -> Refresh:
    """Replace the user's lists by those of ``source`` and tell what changed.

    ``source`` is a folder with official codelist files (``*.xml``) and lists of publishers or prefixes (``*.json``),
    one such file, the address of one, or the address of a folder in which each known list lies as ``NAME.xml``.
    Addresses are fetched with httpx, through ``transport`` when one is given. Lists that the source does not hold stay
    as they are. When anything is wrong, every fault is told and nothing is written.
    """
    folder = data_folder(data_dir)
    if folder is None:
        return Refresh(faults=("no data directory to write to: name one, or set EARMARK_DATA_DIR",))
    address = urlsplit(str(source))
    if address.scheme in {"http", "https"}:
        material = _fetch(str(source), transport, load_snapshot(data_dir))
    else:
        material = _collect(Path(source))
    return _apply(material, str(source), taken_on, data_dir, folder)


def _apply(material: _Material, origin: str, taken_on: date, data_dir: Path | None, folder: Path) -> Refresh:
    compiled = compile_documents(material.codelists)
    faults = [*material.faults, *compiled.faults]
    registers = _read_registers(material.registers, taken_on, origin, faults)
    if not faults and not compiled.lists and not registers:
        faults.append(f"{origin}: there is no codelist, list of publishers or list of prefixes")
    if faults:
        return Refresh(faults=tuple(faults))
    current = load_snapshot(data_dir)
    changes: list[Change] = []
    texts: dict[str, str] = {}
    kept: tuple[str, ...] = ()
    if compiled.lists:
        found = {made.name: made for made in compiled.lists}
        kept = tuple(name for name in current if name not in found)
        for name, made in sorted(found.items()):
            changes.extend(_changes(name, current.get(name, {}), made))
        official = {name: current[name] for name in current if name not in load_supplement()}
        merged = Snapshot(taken_on=taken_on, origin=origin, lists={**official, **found})
        texts[CODELISTS] = merged.render()
    for name, register in registers.items():
        before = load_register(name, data_dir).entries
        label = name.removesuffix(".json")
        changes.extend(Change(list=label, code=code, kind="added") for code in sorted(register.entries - before))
        changes.extend(Change(list=label, code=code, kind="removed") for code in sorted(before - register.entries))
        texts[name] = register.render()
    return Refresh(
        changes=tuple(changes),
        read=(*sorted(made.name for made in compiled.lists), *(name.removesuffix(".json") for name in registers)),
        kept=kept,
        written=_write(folder, texts),
    )


def _changes(name: str, before: Mapping[str, Code], after: Codelist) -> Iterator[Change]:
    for code, new in after.items():
        old = before.get(code)
        if old is None:
            yield Change(list=name, code=code, kind="added", after=new.name)
            continue
        if old.status != new.status:
            yield Change(
                list=name, code=code, kind="withdrawn" if new.status == "withdrawn" else "restored", after=new.name
            )
        if old.name != new.name:
            yield Change(list=name, code=code, kind="renamed", before=old.name, after=new.name)
        if old.category != new.category:
            yield Change(list=name, code=code, kind="moved", before=old.category, after=new.category)
    for code, old in before.items():
        if code not in after:
            yield Change(list=name, code=code, kind="removed", before=old.name)


def _collect(source: Path) -> _Material:
    material = _Material()
    if source.is_dir():
        paths = sorted([*source.glob("*.xml"), *source.glob("*.json")])
    elif source.is_file():
        paths = [source]
    else:
        material.faults.append(f"{source}: there is no such folder or file")
        return material
    for path in paths:
        try:
            if path.stat().st_size > MAX_BYTES:
                material.faults.append(f"{path.name}: larger than {MAX_BYTES // 1024 // 1024} MB")
                continue
            content = path.read_bytes()
        except OSError as error:
            material.faults.append(f"{path.name}: cannot be read ({error.strerror})")
            continue
        (material.registers if path.suffix == ".json" else material.codelists).append((path.name, content))
    return material


def _fetch(address: str, transport: httpx.BaseTransport | None, current: Snapshot) -> _Material:
    material = _Material()
    path = urlsplit(address).path
    with httpx.Client(transport=transport, timeout=30, follow_redirects=True) as client:
        if path.endswith(".json"):
            _fetch_one(client, address, material.registers, material.faults)
        elif path.endswith(".xml"):
            _fetch_one(client, address, material.codelists, material.faults)
        else:
            for name in current:
                _fetch_one(client, f"{address.rstrip('/')}/{name}.xml", material.codelists, material.faults, gone=True)
    return material


def _fetch_one(
    client: httpx.Client, address: str, into: list[tuple[str, bytes]], faults: list[str], *, gone: bool = False
) -> None:
    """Fetch one file; with ``gone`` an address that does not exist is passed over."""
    try:
        with client.stream("GET", address) as response:
            if gone and response.status_code == httpx.codes.NOT_FOUND:
                return
            if response.status_code != httpx.codes.OK:
                faults.append(f"{address}: answered with status {response.status_code}")
                return
            content = b""
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_BYTES:
                    faults.append(f"{address}: larger than {MAX_BYTES // 1024 // 1024} MB")
                    return
    except httpx.HTTPError as error:
        faults.append(f"{address}: could not be fetched ({error or type(error).__name__})")
        return
    into.append((address.rsplit("/", 1)[-1], content))


def _read_registers(
    documents: list[tuple[str, bytes]], taken_on: date, origin: str, faults: list[str]
) -> dict[str, Register]:
    registers: dict[str, Register] = {}
    for label, content in documents:
        try:
            name, entries = _read_register(label, content)
        except ValueError as error:
            faults.append(f"{label}: {error}")
            continue
        if name in registers:
            faults.append(f"{label}: {name.removesuffix('.json')} were already given by another file")
        registers[name] = Register(entries=entries, taken_on=taken_on, origin=origin)
    return registers


def _read_register(label: str, content: bytes) -> tuple[str, frozenset[str]]:
    """Which register a JSON file is, and its entries; told from its content where that is particular, else its name."""
    try:
        value = json.loads(content)
    except ValueError as error:
        raise ValueError(f"not JSON ({error})") from None
    name = next((known for word, known in _WORDS.items() if word in label.lower()), None)
    if isinstance(value, dict):
        if name is None and "lists" in value:
            name = PREFIXES
        value = value.get("entries", value.get("lists"))
    if name is None:
        raise ValueError("neither a list of publishers nor of prefixes: its name must contain one of the two words")
    if not isinstance(value, list) or not value:
        raise ValueError("expected a list that is not empty")
    given = [item.get("code") if isinstance(item, dict) else item for item in value]
    entries = frozenset(entry for entry in given if isinstance(entry, str) and entry and entry == entry.strip())
    wrong = [entry for entry in given if not isinstance(entry, str) or entry not in entries]
    if wrong:
        raise ValueError(f"{len(wrong)} entries are not identifiers, the first is {wrong[0]!r}")
    return name, entries


_WORDS = {"publisher": PUBLISHERS, "prefix": PREFIXES}


def _write(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write every file beside its place first, then put all of them in place."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as waiting:
        for name, text in texts.items():
            (Path(waiting) / name).write_text(text, encoding="utf-8")
        for name in texts:
            os.replace(Path(waiting) / name, folder / name)  # noqa: PTH105 - the replacement must be atomic
    return tuple(folder / name for name in texts)
