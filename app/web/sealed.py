"""Sentences for one person's next page, readable with that person's cookie only: they may hold a link or a token.

The database keeps them as JSON Web Encryption under a key that follows from the secret of the cookie, of which it has
no more than the hash.
"""

import hashlib

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_HEADER = {"alg": "dir", "enc": "A256GCM"}
#: sets this use of the secret apart from any other
_USE = b"earmark sentence "


def _key(secret: str) -> OctKey:
    return OctKey.import_key(hashlib.sha256(_USE + secret.encode()).digest())


def sealed(text: str, secret: str) -> str:
    """The text as the database keeps it; ``secret`` is what the cookie holds."""
    return jwe.encrypt_compact(_HEADER, text, _key(secret))


def opened(kept: str, secret: str) -> str | None:
    """The text again; None when it was sealed for another cookie."""
    try:
        plain = jwe.decrypt_compact(kept, _key(secret)).plaintext
    except (JoseError, ValueError):
        return None
    return None if plain is None else plain.decode()
