"""The field's words that both the rules and the tables use, each with the value that is stored and typed."""

from enum import StrEnum


class Grain(StrEnum):
    """What an activity stands for."""

    PROJECT = "project"
    POOL = "pool"
    PROGRAMME = "programme"


class Origin(StrEnum):
    """Whether the record was kept here from its beginning or came from a published file."""

    OWN = "own"
    IMPORTED = "imported"


class Stage(StrEnum):
    """Stage of a project; the order is that of the IATI activity status 1 to 6."""

    PIPELINE = "pipeline"
    IMPLEMENTATION = "implementation"
    FINALISATION = "finalisation"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"

    @property
    def iati_code(self) -> str:
        return str(list(Stage).index(self) + 1)

    @classmethod
    def from_iati(cls, code: str) -> "Stage":
        """The stage of an IATI activity status; ``ValueError`` for an unknown one."""
        for stage in cls:
            if stage.iati_code == code:
                return stage
        raise ValueError(f"{code!r} is not an activity status")


class AgreementStatus(StrEnum):
    PLEDGED = "pledged"
    SIGNED = "signed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Consent(StrEnum):
    """What a partner says to a change of how its money is tied."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    #: what was entered wrongly is corrected
    NOT_NEEDED = "not-needed"


class PartnerCategory(StrEnum):
    GOVERNMENT = "government"
    DOMESTIC_PUBLIC = "domestic-public"
    UN_ENTITY = "un-entity"
    UN_POOLED_FUND = "un-pooled-fund"
    IFI = "ifi"
    EU = "eu"
    OTHER_IGO = "other-igo"
    PRIVATE_SECTOR = "private-sector"
    FOUNDATION = "foundation"
    PUBLIC_INSTITUTION = "public-institution"
    SOCIAL_PARTNER = "social-partner"
    EMPLOYERS_ORGANISATION = "employers-organisation"
    WORKERS_ORGANISATION = "workers-organisation"
    OTHER_NON_STATE = "other-non-state"
    MULTI_DONOR = "multi-donor"


class Screening(StrEnum):
    """Screening of non-State partners before a signature."""

    NOT_REQUIRED = "not-required"
    PENDING = "pending"
    CLEARED = "cleared"
    REFUSED = "refused"


class AllocationKind(StrEnum):
    """What a decision on an allocation was; all but the first revise."""

    ORIGINAL = "original"
    REVISED = "revised"
    #: money of one year is set aside for another
    REPHASING = "rephasing"
    #: what was not spent in a year goes on into the next
    CARRY_OVER = "carry-over"

    @property
    def published(self) -> "AllocationKind":
        """As the standard knows it: original or revised."""
        return self if self is AllocationKind.ORIGINAL else AllocationKind.REVISED


class ProtectionResult(StrEnum):
    """What a check of an implementing partner on protection from abuse came to."""

    PASSED = "passed"
    CONDITIONAL = "conditional"
    FAILED = "failed"


class EntryKind(StrEnum):
    """Why a ledger row exists."""

    POSTING = "posting"
    ADJUSTMENT = "adjustment"
    WITHDRAWAL = "withdrawal"


class EncumbranceKind(StrEnum):
    ENCUMBRANCE = "encumbrance"
    ADVANCE = "advance"


class Role(StrEnum):
    """What a token may do; each but ``evaluator`` and ``publisher`` includes the one before."""

    VIEWER = "viewer"
    OFFICER = "officer"
    EVALUATOR = "evaluator"
    PUBLISHER = "publisher"
    ADMIN = "admin"


class EvaluationStatus(StrEnum):
    PLANNED = "planned"
    TERMS_OF_REFERENCE = "terms-of-reference"
    TEAM = "team"
    FIELD_WORK = "field-work"
    DRAFT = "draft"
    FINAL = "final"
    DISCLOSED = "disclosed"
    CANCELLED = "cancelled"


class RecommendationResponse(StrEnum):
    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"
    #: agreed in principle, and put off
    DEFERRED = "deferred"


class RecommendationStatus(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in-progress"
    DONE = "done"
    VERIFIED = "verified"
    DROPPED = "dropped"
    #: put off after it was accepted
    DEFERRED = "deferred"


class Overseer(StrEnum):
    """Who recommends: an evaluation, or somebody whose report is no evaluation."""

    EVALUATION = "evaluation"
    INTERNAL_AUDIT = "internal-audit"
    EXTERNAL_AUDIT = "external-audit"
    #: of the organisation by its donors, such as MOPAN or the scorecard of a ministry
    DONOR_ASSESSMENT = "donor-assessment"
    OTHER = "other"


class DeliveryState(StrEnum):
    """State of a message in the outbox."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    #: by the moment it was to be sent, nothing was left to tell
    WITHDRAWN = "withdrawn"
    #: another message to the same person, sent in the same moment, tells it
    MERGED = "merged"


class ReleaseState(StrEnum):
    PREPARED = "prepared"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class TargetScope(StrEnum):
    """Whose target of delivery it is; a field office is a unit."""

    UNIT = "unit"
    FIELD_OFFICE = "field-office"
    OFFICER = "officer"
