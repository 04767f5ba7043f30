"""What comes first in an empty database: who the organisation is, the evaluation policies it chose, the presets.

Nobody is judged by rules of another house that nobody chose: without a policy nothing is owed. ``earmark init`` and the
demo begin here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from app.db.partners import Organisation
from app.domain.access import Actor
from app.evaluations.policies.queries import newest_policy
from app.evaluations.policies.service import put_policy
from app.evaluations.policies.shipped import shipped_text
from app.funding.presets import ship_presets
from app.organisation.queries import find_setup
from app.organisation.schemas import SetupIn
from app.organisation.service import put_setup

#: policies that ship and that an organisation may take over as its own, to begin with
START = ("ilo-2002", "default")
#: the organisation whose own policies :data:`START` are: they need no choosing there
_HOUSE = "XM-DAC-41302"
#: how identifiers of examples begin, here and in the handbook, which are of no organisation: whoever tries the program
#: by one begins as the demo does
_EXAMPLES = "XM-EX-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Founded:
    """What came of a founding."""

    #: created | updated | unchanged
    outcome: str
    #: ids of the policies that were loaded
    policies: tuple[str, ...]


def identifier_before(session: Session) -> str | None:
    """By which identifier the organisation is set up; None: it is not."""
    setup = find_setup(session)
    return None if setup is None else session.get_one(Organisation, setup.organisation_id).identifier


def start_texts() -> tuple[str, ...]:
    """The texts of the policies of :data:`START`."""
    return texts_of(START)


def given_policies(org_id: str) -> tuple[tuple[str, ...], str]:
    """Names of policies that ship and that an organisation begins with although it did not choose, and why.

    None, but for the organisation whose own they are, and for examples: rules of another house judge nobody unasked.
    """
    if org_id == _HOUSE:
        return START, f"those of {org_id} itself"
    if org_id.startswith(_EXAMPLES):
        return START, f"{org_id} is an identifier of examples, which begin with them; a real one begins with none"
    return (), ""


def given_and_left(session: Session, before: str, after: str) -> tuple[str, ...]:
    """Policies in force that ``before`` was given and ``after``, its identifier from now on, would not have been.

    Only those that stand as they ship and were loaded once: what was adapted or loaded again is somebody's choice.
    """
    names = set(given_policies(before)[0]) - set(given_policies(after)[0])
    return tuple(
        name
        for name in START
        if name in names
        and (row := newest_policy(session, name)) is not None
        and not row.retired
        and (row.sequence, row.document) == (1, shipped_text(name))
    )


def texts_of(names: Iterable[str]) -> tuple[str, ...]:
    """The texts of policies that ship."""
    return tuple(shipped_text(name) for name in names)


def found(session: Session, actor: Actor, setup: SetupIn, policies: tuple[str, ...]) -> Founded:
    """Stores the set-up, the policies (as texts) and the presets that ship.

    :raises InvalidInput: with every fault of the set-up or of a policy.
    """
    outcome = put_setup(session, actor, setup).outcome
    loaded = tuple(put_policy(session, actor, text, today=None).row.code for text in policies)
    ship_presets(session)
    return Founded(outcome=outcome, policies=loaded)
