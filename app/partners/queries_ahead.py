"""What many partners name and what stands of them, read together."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session

from app.db.among import among_texts, chunks
from app.db.base import key, table
from app.db.partners import Organisation, Partner, name_key
from app.db.together import batch_of
from app.errors import Conflict
from app.partners.queries import NAMED
from app.partners.schemas import PartnerIn


def look_ahead(session: Session, bodies: Sequence[PartnerIn]) -> None:
    """Reads what records name, and what stands of those there are already.

    :raises Conflict: when one of them changes what another one is found by, so that they go in one after the other.
    """
    if (batch := batch_of(session)) is None:
        return
    codes = {body.code for body in bodies}
    standing = batch.find(Partner, "code", codes, to_change=True)
    batch.hold(Organisation, {row.organisation_id for row in standing.values()})
    known = batch.find(Organisation, "identifier", [body.iati_ref for body in bodies])
    _refuse_tangled(session, bodies, standing)
    organisation = table(Organisation).c
    unidentified = select(Organisation).where(organisation.identifier.is_(None))
    NAMED.learn(
        session,
        {
            row.name_key: row
            for part in chunks({name_key(body.name) for body in bodies})
            for row in session.scalars(unidentified.where(among_texts(session, organisation.name_key, part)))
        },
    )
    new = [body for body in bodies if body.code not in standing]
    batch.expect(Partner, len(new))
    batch.expect(Organisation, len([body for body in new if body.iati_ref not in known]))


def _refuse_tangled(session: Session, bodies: Sequence[PartnerIn], standing: Mapping[str, Partner]) -> None:
    refs, names = [body.iati_ref for body in bodies if body.iati_ref], [name_key(body.name) for body in bodies]
    organisations = {code: session.get_one(Organisation, row.organisation_id) for code, row in standing.items()}
    owned = [key(row) for row in organisations.values()]
    renamed = any(
        body.iati_ref not in (None, organisation.identifier) or name_key(body.name) != organisation.name_key
        for body in bodies
        if (organisation := organisations.get(body.code)) is not None
    )
    if renamed or any(len(each) > len(set(each)) for each in (refs, names, owned)):
        raise Conflict("Some of these partners are one organisation, or take the name of another.")
