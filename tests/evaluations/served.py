"""A world behind the API."""

import datetime as dt
from typing import Any

from app.clock import today
from app.domain.terms import Role
from tests.api import Api
from tests.evaluations.world import World


class Served(World):
    """The world, its client, and projects of today."""

    def __init__(self, api: Api) -> None:
        super().__init__(api.database, today=today(api.settings))
        self.api = api
        self.client = api.client(Role.ADMIN)

    def ahead(self, days: int) -> str:
        return str(self.today + dt.timedelta(days=days))

    def running(self, code: str = "P1", **values: Any) -> int:
        """A project that ends in sixty days, so that its final is open."""
        return self.project(code, start=self.ahead(-400), end=self.ahead(60), budget="2000000", **values)
