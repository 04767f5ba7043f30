"""What the settings make of the claims of a person: the role and unit they give, and the account they stand for."""

import json
from functools import lru_cache
from pathlib import Path

from app.config import Settings
from app.people.provider import Account
from app.web.signin import mapping
from app.web.signin.mapping import Claims, Given, Looked

#: claims by which a user can be called, best first
_NAMES = ("preferred_username", "email", "sub")


def given_to(settings: Settings, claims: Claims) -> Given:
    """What the claims give.

    :raises UsageError: when the file of rules cannot be used.
    """
    return mapping.outcome(
        _rules(settings.oidc_mapping),
        claims,
        roles_claim=settings.oidc_roles_claim,
        unit_claim=settings.oidc_unit_claim,
    )


@lru_cache(maxsize=8)
def _rules(path: Path | None) -> mapping.Rules:
    return mapping.read_rules(path)


def account_of(settings: Settings, subject: str, claims: Claims) -> Account:
    """The account of the claims; its mail address only where users are adopted by it and the provider verified it."""
    email = claims.get("email")
    adopted = settings.oidc_adopt_by_email and claims.get("email_verified") is True
    return Account(
        issuer=settings.oidc_issuer,
        subject=subject,
        names=[name for claim in _NAMES if isinstance(name := claims.get(claim), str)],
        email=email if adopted and isinstance(email, str) and email.isprintable() else "",
        adopts=settings.oidc_adopt_by_email,
    )


def address_looked_at(claims: Claims) -> tuple[Looked, ...]:
    """What the claims say of the mail address of the person, as :func:`account_of` reads it."""
    email, verified = claims.get("email"), claims.get("email_verified")
    return (
        Looked(claim="email", values=(email,) if isinstance(email, str) and email.isprintable() else None),
        Looked(claim="email_verified", values=None if verified is None else (json.dumps(verified),)),
    )
