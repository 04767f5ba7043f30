"""The whole application with clients for each role, for tests that speak HTTP."""

import hashlib
from itertools import count

from fastapi import FastAPI

from app.config import Settings
from app.db.engine import Database
from app.db.organisation import Setup, Unit
from app.db.partners import Organisation
from app.db.people import Token, User
from app.domain.terms import Role
from app.main import API, create_app
from tests.calling import TestClient as TestClient
from tests.filled import filled

_numbers = count()

#: the first application of this process. FastAPI puts its routes together at the first request, which costs more than
#: most tests, and describes them in a second; they know neither settings nor database. All else each has for itself.
_first: list[FastAPI] = []


def service(settings: Settings, database: Database) -> FastAPI:
    """The application, with the routes and the description of the first one of this process.

    A test that changes the routes makes an application of its own.
    """
    if not _first:
        _first.append(create_app(settings, database))
    return create_app(settings, database, like=_first[0])


def _set_up(database: Database) -> int:
    with database.write("tests") as session:
        own = Organisation(identifier="XX-OWN", name="Own organisation", name_key="own organisation", type="40")
        session.add(own)
        session.flush()
        assert own.id is not None
        session.add(Setup(id=1, organisation_id=own.id, currency="USD"))
    return own.id


class Api:
    """The application on a database, with the organisation set up (USD, calendar years)."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.app = service(settings, database)
        self.settings = settings
        self.database = database
        self.organisation_id = filled(database, _set_up)

    def unit(self, code: str) -> int:
        """A unit with this code; gives its key."""
        with self.database.write("tests") as session:
            unit = Unit(code=code, name=f"Unit {code}")
            session.add(unit)
        assert unit.id is not None
        return unit.id

    def token(self, role: Role, *, unit_id: int | None = None, name: str | None = None) -> str:
        """A token of a new user with the role."""
        secret = f"ear_{role.value}-{next(_numbers)}"
        with self.database.write("tests") as session:
            user = User(name=name or secret.removeprefix("ear_"), role=role, unit_id=unit_id)
            session.add(user)
            session.flush()
            assert user.id is not None
            digest = hashlib.sha256(secret.encode()).hexdigest()
            session.add(Token(user_id=user.id, hash=digest, hint=secret[:8]))
        return secret

    def client(self, role: Role = Role.ADMIN, *, unit_id: int | None = None, name: str | None = None) -> TestClient:
        """A client below ``/api/v1`` that carries the token of a new user with the role."""
        token = self.token(role, unit_id=unit_id, name=name)
        return TestClient(self.app, base_url=f"http://testserver{API}", headers={"Authorization": f"Bearer {token}"})

    def stranger(self) -> TestClient:
        """A client without a token, at the root."""
        return TestClient(self.app)
