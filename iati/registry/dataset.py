"""What a registry knows of an organisation and its datasets, and what is checked before anything is sent.

The registries check hardly anything themselves: a wrong licence or address would be taken and stand there.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

FileType = Literal["activity", "organisation"]

#: longest address that a registry keeps
LONGEST_ADDRESS = 512
LONGEST_NAME = 255
_SHORT_NAME = re.compile(r"[a-z0-9_-]+")

#: licences that the registry knows, by their ids
LICENCES = frozenset({
    "notspecified", "odc-pddl", "odc-odbl", "odc-by", "cc-zero", "cc-by", "cc-by-sa", "gfdl", "ukclickusepsi",
    "other-open", "other-pd", "other-at", "ukcrown-withrights", "hesa-withrights", "localauth-withrights", "uk-ogl",
    "met-office-cp", "cc-nc", "ukcrown", "other-nc", "other-closed", "bsd-license", "gpl-2.0", "gpl-3.0", "lgpl-2.1",
    "mit-license", "afl-3.0", "apl1.0", "apache", "apache2.0", "apsl-2.0", "artistic-license-2.0", "attribution",
    "ca-tosl1.1", "cddl1", "cpal_1.0", "cuaoffice", "eudatagrid", "eclipse-1.0", "ecl2", "eiffel", "ver2_eiffel",
    "entessa", "fair", "frameworx", "ibmpl", "intel-osl", "jabber-osl", "lucent-plan9", "lucent1.02", "mitre",
    "motosoto", "mozilla", "mozilla1.1", "nasa1.3", "naumen", "nethack", "nokia", "oclc2", "opengroup", "osl-3.0",
    "php", "pythonpl", "PythonSoftFoundation", "qtpl", "real", "rpl1.5", "ricohpl", "sleepycat", "sun-issl",
    "sunpublic", "sybase", "UoI-NCSA", "vovidapl", "W3C", "wxwindows", "xnet", "zpl", "zlib-license"
})  # fmt: skip
SOURCE_TYPES = ("primary_source", "secondary_source")
VISIBILITIES = ("public", "private")


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """A dataset as it is to stand in the registry. None: what stands there stays."""

    #: unique in the whole registry, begins with the organisation's short name
    short_name: str
    title: str
    #: public address of the file
    url: str
    file_type: FileType
    licence: str | None = None
    source_type: str | None = None
    visibility: str = "public"
    #: further facts that older registries keep
    activities: int | None = None
    #: moment of the newest data, in ISO form
    updated: str | None = None
    version: str | None = "2.03"
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """A reporting organisation in a registry, and what the sign-in may do for it."""

    id: str
    identifier: str
    short_name: str
    name: str
    #: None: the registry does not tell
    approved: bool | None
    #: None: the registry does not tell
    role: str | None
    default_licence: str | None = None

    @property
    def may_publish(self) -> bool:
        """Whether the role lets datasets be created and changed; a role nobody knows is tried."""
        return self.role not in _IDLE_ROLES

    @property
    def may_withdraw(self) -> bool:
        """Whether the role lets datasets be removed, or hidden and shown again."""
        return self.may_publish and self.role != "contributor"


_IDLE_ROLES = frozenset({"contributor_pending", "pending", "member", "none", ""})


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A dataset as it stands in a registry."""

    id: str
    short_name: str
    owner: str
    url: str
    title: str
    #: False: hidden or removed, so that nobody downloads it
    public: bool
    #: the record as the registry gave it
    record: Mapping[str, object] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """A request that changes a registry: as it would be sent, without the sign-in."""

    method: str
    url: str
    #: None: it has no body
    body: Mapping[str, object] | None = None

    def as_dict(self) -> dict[str, object]:
        return {"method": self.method, "url": self.url, "body": dict(self.body) if self.body is not None else None}


def faults_of(
    dataset: Dataset, organisation: Organisation, *, new: bool = True, inner_addresses: bool = False
) -> list[str]:
    """What has to be mended before the dataset is sent, each as a sentence.

    ``new``: it does not stand in the registry yet; one that does keeps its name, whatever that begins with.
    ``inner_addresses``: addresses of this machine or an inner network may be plain http, as on a desk.
    """
    faults = []
    if not _SHORT_NAME.fullmatch(dataset.short_name) or not 2 <= len(dataset.short_name) <= 100:
        faults.append(
            f"The short name {dataset.short_name!r} does not fit: 2 to 100 small letters, digits, hyphens, underscores."
        )
    if new and organisation.short_name and not dataset.short_name.startswith(f"{organisation.short_name}-"):
        faults.append(
            f"The short name {dataset.short_name!r} must begin with {organisation.short_name}-, "
            "the short name of the organisation in the registry."
        )
    faults += address_faults(dataset.url, inner_addresses=inner_addresses)
    if not 1 <= len(dataset.title.strip()) <= LONGEST_NAME:
        faults.append(f"The name of the dataset must have 1 to {LONGEST_NAME} characters.")
    if dataset.licence is not None and dataset.licence not in LICENCES:
        faults.append(
            f"{dataset.licence!r} is no licence that the registry knows: use such as cc-by, odc-by or uk-ogl."
        )
    if dataset.source_type is not None and dataset.source_type not in SOURCE_TYPES:
        faults.append(f"{dataset.source_type!r} is no kind of source: use {' or '.join(SOURCE_TYPES)}.")
    if dataset.visibility not in VISIBILITIES:
        faults.append(f"{dataset.visibility!r} is no visibility: use {' or '.join(VISIBILITIES)}.")
    return faults


def address_faults(address: str, *, inner_addresses: bool = False) -> list[str]:
    """What is wrong with the public address of a file."""
    faults = []
    try:
        parts = urlsplit(address)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return [f"The public address {address!r} is none."]
    plain = parts.scheme == "http" and inner_addresses and is_inner(parts.hostname or "")
    if (parts.scheme != "https" and not plain) or not parts.hostname or not port_is_fine:
        faults.append(f"The public address {address!r} must be absolute and begin with https://.")
    if parts.username or parts.password:
        faults.append("The public address must not hold a user name or password: everybody sees it.")
    if len(address) > LONGEST_ADDRESS:
        faults.append(f"The public address has {len(address)} characters: a registry keeps {LONGEST_ADDRESS}.")
    if re.search(r"[\s\x00-\x1f\x7f<>\"]", address) or not address.isascii():
        faults.append("The public address holds characters that must be escaped: write them as %20 and the like.")
    return faults


def is_inner(host: str) -> bool:
    """Whether a host is this machine, or an address of an inner network."""
    if host == "localhost":
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
