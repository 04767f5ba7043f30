"""Registers what was published: each dataset is created, brought up to date, or taken out, and says what came of it.

Everything is asked of the registry itself, so that a run which was killed anywhere is simply run again. One worker at
a time sees to a dataset, since registries make two of two creations at once. Call it outside of any transaction:
between requests it writes what came of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx

from app.config import Settings
from app.db.base import utc_now
from app.db.engine import Database
from app.db.leases import LeaseHeld, lease, worker_name
from app.publishing.registering import queries
from app.publishing.registering.files import FILE_TYPES, DatasetOutcome, PublishedFile, Registration, WithdrawnFile
from app.publishing.registering.network import Call, Network
from app.publishing.registering.settings import missing_settings, registry_of
from iati.registry.dataset import Dataset, Entry, Organisation
from iati.registry.ensure import Ensured, Registry, ensure, withdraw
from iati.registry.preflight import Preflight, preflight
from iati.registry.wire import RegistryFault, Transport

#: seconds that a run waits for another one at the same dataset
_PATIENCE = 30.0
#: after so many datasets in a row of which nothing was heard, the registry is not asked any more
_MOST_UNANSWERED = 2


def register(
    database: Database,
    settings: Settings,
    files: Sequence[PublishedFile],
    *,
    withdrawn: Sequence[WithdrawnFile] = (),
    actor: str,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    renew: Callable[[], None] = lambda: None,
    beneath: httpx.BaseTransport | None = None,
) -> Registration:
    """Brings the registry into agreement with what is public; one outcome for each dataset, in the order given.

    A dataset that fails keeps no other from its turn. With ``dry_run`` nothing is changed, and each outcome tells the
    request that would be sent. ``renew`` is called after each request, for a caller that holds a lease. ``beneath``
    takes the place of the network.
    """
    if missing := missing_settings(settings):
        return Registration(not_set_up=" ".join(missing))
    run = _Run(database=database, settings=settings, actor=actor, dry_run=dry_run, renew=renew)
    outcomes: list[DatasetOutcome] = []
    total = len(files) + len(withdrawn)
    with Network(allow_private=settings.registry_allow_private, record=run.record, beneath=beneath) as network:
        run.transport, run.registry = network, registry_of(settings, network)
        for file in files:
            outcomes.append(run.one(file.dataset, file.reporting_org, file))
            progress(len(outcomes), total)
        for gone in withdrawn:
            outcomes.append(run.one(gone.dataset, gone.reporting_org, None, gone.address))
            progress(len(outcomes), total)
    return Registration(outcomes=tuple(outcomes))


@dataclass(kw_only=True)
class _Run:
    """One run over all datasets."""

    database: Database
    settings: Settings
    actor: str
    dry_run: bool
    renew: Callable[[], None]
    transport: Transport = field(init=False)
    registry: Registry = field(init=False)
    #: identifier → the organisation and its datasets, or why it cannot be had
    known: dict[str, tuple[Organisation, list[Entry]] | RegistryFault] = field(default_factory=dict)
    #: the dataset that calls are for
    dataset: str = ""
    #: why nothing more is asked of the registry
    over: str = ""
    unanswered: int = 0

    def record(self, call: Call) -> None:
        with self.database.write(self.actor) as session:
            queries.add_call(session, call, self.dataset, self.actor)
        self.renew()

    def one(self, dataset: str, reporting_org: str, file: PublishedFile | None, was_at: str = "") -> DatasetOutcome:
        """Sees to a dataset; without ``file`` it is withdrawn from where it was."""
        if self.over:
            return DatasetOutcome(dataset=dataset, done="failed", words=f"Not tried: {self.over}")
        self.dataset = dataset
        outcome = self._outcome(dataset, reporting_org, file, was_at)
        if not self.dry_run:
            with self.database.write(self.actor) as session:
                queries.settle(
                    session,
                    self.settings.registry_url,
                    outcome,
                    address=file.address if file is not None else "",
                    sha256=file.sha256 if file is not None else "",
                    now=utc_now(),
                )
        return outcome

    def _outcome(self, dataset: str, reporting_org: str, file: PublishedFile | None, was_at: str) -> DatasetOutcome:
        try:
            if self.dry_run:
                ensured = self._ensured(dataset, reporting_org, file, was_at)
            else:
                with lease(self.database, f"registry:{dataset}", worker_name(), patience=_PATIENCE):
                    ensured = self._ensured(dataset, reporting_org, file, was_at)
        except LeaseHeld:
            words = "Another run registers this dataset at this moment: look again when it has ended."
            return DatasetOutcome(dataset=dataset, done="failed", words=words)
        except RegistryFault as fault:
            self._count(fault)
            return DatasetOutcome(dataset=dataset, done="failed", words=fault.words)
        self.unanswered = 0
        return DatasetOutcome(
            dataset=dataset,
            done=ensured.done,
            words="; ".join(ensured.changes),
            entry=ensured.id if ensured.done != "withdrawn" else "",
            planned=ensured.planned if self.dry_run else None,
        )

    def _count(self, fault: RegistryFault) -> None:
        self.unanswered = self.unanswered + 1 if fault.unclear else 0
        if fault.everything or self.unanswered >= _MOST_UNANSWERED:
            self.over = fault.words

    def _ensured(self, dataset: str, reporting_org: str, file: PublishedFile | None, was_at: str) -> Ensured:
        if file is not None and not self.dry_run:
            self._require_reachable(file)
        organisation, entries = self._organisation(reporting_org)
        if not organisation.may_publish:
            raise RegistryFault(
                f"The sign-in has the role {organisation.role} for {organisation.name} in the registry, which is too "
                "low to register datasets: it takes a contributor at least."
            )
        hide = self.settings.registry_withdraw == "hide"
        if file is None:
            return withdraw(self.registry, organisation, entries, dataset, url=was_at, hide=hide, dry_run=self.dry_run)
        if organisation.approved is False:
            raise RegistryFault(
                f"The registry has not approved {organisation.name} ({organisation.identifier}) yet: its datasets are "
                "shown to nobody. Ask the IATI Secretariat, then publish again."
            )
        return ensure(
            self.registry,
            organisation,
            entries,
            dataset_of(file, self.settings),
            dry_run=self.dry_run,
            inner_addresses=self.settings.registry_allow_private,
        )

    def _require_reachable(self, file: PublishedFile) -> None:
        """The downloader would get this file at its address.

        :raises RegistryFault: when it would not, so that nothing is registered that cannot be fetched.
        """
        looked = look_at(self.transport, file)
        if not looked.passes:
            words = " ".join(finding.words for finding in looked.findings if finding.severity == "error")
            raise RegistryFault(f"{file.address} is not what the registry's downloader needs. {words}")

    def _organisation(self, identifier: str) -> tuple[Organisation, list[Entry]]:
        found = self.known.get(identifier)
        if found is None:
            try:
                organisation = self.registry.organisation(identifier)
                found = (organisation, self.registry.entries(organisation))
            except RegistryFault as fault:
                if fault.unclear:
                    raise
                found = fault
            self.known[identifier] = found
        if isinstance(found, RegistryFault):
            raise found
        return found


def dataset_of(file: PublishedFile, settings: Settings) -> Dataset:
    """A file as the registry is to know it."""
    return Dataset(
        short_name=file.dataset,
        title=file.title,
        url=file.address,
        file_type=FILE_TYPES[file.file_type],
        licence=settings.registry_licence or None,
        source_type=settings.registry_source_type or None,
        activities=file.records if file.file_type == "iati-activities" else None,
        updated=file.content_at.strftime("%Y-%m-%d %H:%M:%S") if file.content_at is not None else None,
    )


def look_at(transport: Transport, file: PublishedFile) -> Preflight:
    """The public address as the downloader sees it."""
    return preflight(transport, file.address, FILE_TYPES[file.file_type], sha256=file.sha256)
