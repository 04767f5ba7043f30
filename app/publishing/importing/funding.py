"""Partners and agreements that an activity's money shows: who provided it, under which activity of theirs."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlmodel import Session

from app.db.audit import Change
from app.db.base import utc_now
from app.db.funding import Agreement, AgreementRevision, FundingShare
from app.domain.agreements import RevisionKind
from app.domain.earmarking import CORE_AID_TYPES, Modality
from app.domain.money import exact_sum, plain
from app.domain.terms import AgreementStatus, Origin
from app.publishing.importing import queries as store
from app.publishing.importing.account import Source
from app.publishing.importing.organisations import make_partners
from app.publishing.importing.queries import OrganisationRow
from app.publishing.importing.rows import kept
from app.publishing.mapping.record import Part
from iati.model import Activity, AidType, Transaction

#: transaction types by which money comes in: receipt, commitment, pledge
INCOMING = ("1", "11", "13")
#: the modality taken for a Grand Bargain category that states none
MODALITY_OF_CATEGORY = {"1": Modality.C, "2": Modality.E, "3": Modality.G, "4": Modality.I}


@dataclass(slots=True)
class Money:
    """The incoming money under one agreement: rows by project."""

    partner_id: int
    provider_activity: str | None
    title: str
    entries: dict[int, list[Part]] = field(default_factory=lambda: defaultdict(list))
    defaults: list[AidType] = field(default_factory=list)


def modality_of(elements: Sequence[AidType]) -> tuple[Modality, str | None]:
    """Modality and DAC aid type of aid-type elements: vocabulary 3, else 2, else 1; project money when unsaid."""
    said: dict[str, str] = {}
    for each in elements:
        if each.code:
            said.setdefault(each.vocabulary or "1", each.code)
    dac = said.get("1")
    if said.get("3") in Modality.__members__:
        return Modality[said["3"]], dac
    if said.get("2") in MODALITY_OF_CATEGORY:
        return MODALITY_OF_CATEGORY[said["2"]], dac
    if dac in CORE_AID_TYPES:
        return Modality.C, dac
    return (Modality.E if dac and dac.startswith("B03") else Modality.I), dac


def _aid_types(part: Part) -> Sequence[AidType]:
    """The aid types that a row of the ledger states."""
    if isinstance(part.element, Transaction):
        return part.element.aid_type
    # of one that was read straight into its columns these say all
    return [AidType(code=code)] if (code := part.columns["aid_type"]) else []


class Funding:
    """The funding side of one batch of activities: (project key, activity) pairs."""

    def __init__(
        self, session: Session, source: Source, batch: list[tuple[int, Part]], organisations: dict[str, OrganisationRow]
    ) -> None:
        self.session = session
        self.source = source
        self.batch = batch
        self._by_key: dict[int | None, OrganisationRow] = {row.id: row for row in organisations.values()}
        self.changes: list[Change] = []
        self.counts: Counter[str] = Counter()
        #: agreement by reference, made before the ledger rows that name it
        self.agreements: dict[str, int] = {}
        self._money: dict[str, Money] = {}
        self._existing: set[int] = set()

    def prepare(self) -> None:
        """Makes partners and agreements and tells every incoming row which agreement it belongs to."""
        funders: dict[int, OrganisationRow] = {}
        incoming: list[tuple[int, Part, Part, OrganisationRow]] = []
        for project_id, whole in self.batch:
            reporter = self._organisation(whole, "reporting")
            for part in whole.parts["participants"]:
                if (funder := self._funder(part, reporter)) is not None:
                    funders[funder.id] = funder
            for part in whole.parts["ledger_entries"]:
                part.columns["agreement_id"] = None
                if (funder := self._funder(part, reporter)) is not None:
                    funders[funder.id] = funder
                    incoming.append((project_id, whole, part, funder))
        partners, changes = make_partners(self.session, list(funders.values()))
        self.changes.extend(changes)
        self.counts["partners_created"] += len(changes)
        for project_id, whole, part, funder in incoming:
            if len(part.columns["currency"]) != 3 or funder.id not in partners:
                continue
            partner_id, code = partners[funder.id]
            activity = part.columns["provider_activity"]
            reference = f"{code}/{activity or whole.columns['iati_identifier']}"
            title = whole.columns["title"] or reference
            money = self._money.setdefault(reference, Money(partner_id, activity, title))
            money.entries[project_id].append(part)
            if isinstance(whole.element, Activity):
                money.defaults.extend(whole.element.default_aid_type)
        known = store.agreements_referred(self.session, self._money)
        self.agreements = {reference: row.id for reference, row in known.items()}
        self._existing = {row.id for row in known.values() if row.origin is Origin.IMPORTED}
        self._make([reference for reference in sorted(self._money) if reference not in known])
        for reference, money in self._money.items():
            for entries in money.entries.values():
                for part in entries:
                    part.columns["agreement_id"] = self.agreements[reference]

    def _organisation(self, part: Part, prefix: str) -> OrganisationRow | None:
        return self._by_key.get(part.columns.get(f"{prefix}_id"))

    def _funder(self, part: Part, reporter: OrganisationRow | None) -> OrganisationRow | None:
        """The organisation that funds, when the part says so and it is not the reporting one."""
        if "role" in part.columns:
            found = self._organisation(part, "organisation") if part.columns["role"] == "1" else None
        else:
            found = self._organisation(part, "provider") if part.columns["type"] in INCOMING else None
        if found is None or not found.name or (reporter is not None and found.id == reporter.id):
            return None
        return found

    def _make(self, references: list[str]) -> None:
        rows: list[dict[str, object]] = []
        revisions: list[dict[str, object]] = []
        told: list[dict[str, str]] = []
        for reference in references:
            money = self._money[reference]
            every = [part for entries in money.entries.values() for part in entries]
            figures = Figures.of([(p.columns["type"], p.columns["currency"], p.columns["amount"]) for p in every])
            signed_on = min((p.columns["date"] for p in every if p.columns["type"] in ("1", "11")), default=None)
            status = AgreementStatus.PLEDGED if signed_on is None else AgreementStatus.SIGNED
            stated = [each for p in every for each in _aid_types(p)]
            modality, aid_type = modality_of(stated or money.defaults)
            rows.append(
                {
                    "reference": reference,
                    "partner_id": money.partner_id,
                    "title": money.title,
                    "preset": None,
                    "status": status,
                    "signed_on": signed_on,
                    "starts_on": None,
                    "ends_on": None,
                    "currency": figures.currency,
                    "amount": figures.amount,
                    "support_cost_rate": None,
                    "gross": True,
                    "earmarked_for": None,
                    "earmarked_for_refs": [],
                    "further_partners": [],
                    "framework": None,
                    "mobilised_locally": False,
                    "modality": modality.value,
                    "category": int(modality.category),
                    "aid_type": aid_type,
                    "corporate_wording": None,
                    "provider_activity": money.provider_activity,
                    "origin": Origin.IMPORTED,
                    "note": None,
                    **kept(),
                }
            )
            revisions.append(self._revision(figures.amount, status, signed_on))
            told.append({"reference": reference, "amount": plain(figures.amount), "currency": figures.currency})
        keys = store.add_with_keys(self.session, Agreement, rows)
        self.agreements.update(zip(references, keys, strict=True))
        self.counts["agreements_created"] += len(rows)
        self.changes.extend(
            Change(
                aggregate=f"agreements:{key}",
                action="import",
                entity="agreements",
                entity_id=str(key),
                after=after,
            )
            for key, after in zip(keys, told, strict=True)
        )
        store.add(
            self.session,
            AgreementRevision,
            [revision | {"agreement_id": key, "sequence": 1} for key, revision in zip(keys, revisions, strict=True)],
        )

    def _revision(
        self,
        amount: Decimal,
        status: AgreementStatus,
        day: dt.date | None,
        kind: RevisionKind = RevisionKind.ENTERED,
        ends_on: dt.date | None = None,
    ) -> dict[str, object]:
        """A decision as a file tells it: the figures alone."""
        return {
            "kind": kind.value,
            "gross": True,
            "earmarked_for_refs": [],
            "known_on": min(day or self.source.as_of, self.source.as_of),
            "reason": self.source.reason,
            "amount": amount,
            "status": status,
            "ends_on": ends_on,
            "recorded_at": utc_now(),
            "recorded_by": self.source.actor,
        }

    def settle(self, touched: set[int]) -> None:
        """Once the ledger rows are in: shares of projects, and new amounts of agreements that were there before.

        ``touched``: further agreements whose rows changed.
        """
        concerned = set(self.agreements.values()) | touched
        figures: dict[int, dict[int, list[tuple[str, str, Decimal]]]] = defaultdict(lambda: defaultdict(list))
        first: dict[int, dt.date] = {}
        for agreement_id, project_id, type_, currency, amount, day in store.money_of_agreements(
            self.session, concerned
        ):
            figures[agreement_id][project_id].append((type_, currency, amount))
            if type_ in ("1", "11"):
                first[agreement_id] = min(first.get(agreement_id, day), day)
        self._share(figures)
        for row in store.agreements_keyed(self.session, self._existing | touched):
            if row.origin is not Origin.IMPORTED:
                continue
            new = Figures.of([each for shares in figures[row.id].values() for each in shares], preferred=row.currency)
            signed = min(filter(None, (row.signed_on, first.get(row.id))), default=None)
            status = AgreementStatus.SIGNED if signed and row.status is AgreementStatus.PLEDGED else row.status
            if new.amount == row.amount and status is row.status and signed == row.signed_on:
                continue
            values = {"amount": new.amount, "status": status, "signed_on": signed}
            revision = self._revision(new.amount, status, self.source.as_of, RevisionKind.AMENDED, row.ends_on)
            store.revise_agreement(self.session, row.id, values, revision)
            self.counts["agreements_updated"] += 1
            self.changes.append(
                Change(
                    aggregate=f"agreements:{row.id}",
                    action="import",
                    entity="agreements",
                    entity_id=str(row.id),
                    before={"amount": plain(row.amount), "status": row.status.value},
                    after={"amount": plain(new.amount), "status": status.value},
                )
            )

    def _share(self, figures: dict[int, dict[int, list[tuple[str, str, Decimal]]]]) -> None:
        known = store.shares_of(self.session, figures)
        currencies = {row.id: row.currency for row in store.agreements_keyed(self.session, figures)}
        rows = []
        for agreement_id, projects in figures.items():
            for project_id, money in projects.items():
                amount = Figures.of(money, preferred=currencies[agreement_id]).amount
                if (agreement_id, project_id) not in known:
                    rows.append(
                        {
                            "agreement_id": agreement_id,
                            "project_id": project_id,
                            "starts_on": None,
                            "ends_on": None,
                            "amount": amount,
                            "percent": None,
                            "note": None,
                            **kept(),
                        }
                    )
                elif known[agreement_id, project_id][1] not in (None, amount):
                    store.set_share(self.session, known[agreement_id, project_id][0], amount)
        store.add(self.session, FundingShare, rows)
        self.counts["funding_shares_created"] += len(rows)


@dataclass(frozen=True, slots=True)
class Figures:
    """The amount of an agreement as its rows show it: commitments, else receipts, else pledges."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, rows: list[tuple[str, str, Decimal]], preferred: str | None = None) -> "Figures":
        """``rows``: (transaction type, currency, amount). Without a preferred currency, the most frequent one."""
        if preferred is None:
            counted = Counter(currency for _type, currency, _amount in rows)
            preferred = min(counted, key=lambda currency: (-counted[currency], currency), default="")
        for wanted in ("11", "1", "13"):
            amounts = [amount for type_, currency, amount in rows if type_ == wanted and currency == preferred]
            if amounts:
                return cls(exact_sum(amounts), preferred)
        return cls(Decimal(0), preferred)
