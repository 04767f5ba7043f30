"""Routers that are passed by where none of their routes begins as the address does.

A request is shown to one router after the other, and each of them tries all its routes: with hundreds of routes that
takes longer than most answers. The first word of a path tells nearly always that none of them is meant.
"""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope

#: words that a router may be included below, as in ``/api/v1``, and the first one of its own
_WORDS = 3


class Router(APIRouter):
    """A router that is included below at most two words."""

    _beginnings: tuple[int, frozenset[str] | None] = (-1, None)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if self._beginnings[0] != len(self.routes):
            self._beginnings = len(self.routes), self._begin()
        if (beginnings := self._beginnings[1]) is not None:
            path, root = scope["path"], scope.get("root_path", "")
            if path == root or path.startswith(f"{root}/"):
                path = path[len(root) :]
            if beginnings.isdisjoint(path.split("/", _WORDS + 1)[1 : _WORDS + 1]):
                return Match.NONE, {}
        return super().matches(scope)

    def _begin(self) -> frozenset[str] | None:
        """The first words of all its routes; None: one of them begins with anything."""
        paths = [getattr(route, "path", "/{}") for route in self.routes]
        words = {path.split("/", 2)[1] if path else "" for path in paths}
        return None if any("{" in word for word in words) else frozenset(words)
