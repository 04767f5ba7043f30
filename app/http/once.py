"""Idempotency-Key: a POST that is repeated, because its answer was lost, creates nothing twice."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from sqlmodel import Session
from starlette.responses import Response

from app.db.base import utc_now
from app.db.people import IdempotencyKey
from app.errors import Fault, InvalidInput, NotAuthenticated
from app.http import queries
from app.http.access import CurrentActor

#: how long an answer is kept
KEPT = dt.timedelta(days=7)

_KEPT_HEADERS = ("etag", "location")


@dataclass(frozen=True, kw_only=True)
class Once:
    """What makes a repeated request known again; without a key every request is new."""

    user_id: int
    key: str | None
    request_hash: str

    def answer(self, session: Session, work: Callable[[], Response], *, secret: str | None = None) -> Response:
        """The answer of ``work``, or the one stored when the same request came before.

        The answer is stored in the transaction of the change: either both are kept or none. Of two that come at once,
        the second waits for the first and gets its answer. ``secret`` names a field that is not stored and is null in
        the repetition.

        :raises InvalidInput: when the key came before with another request.
        """
        if self.key is None:
            return work()
        queries.claim_key(session, self.user_id, self.key)
        stored = queries.stored_answer(session, self.user_id, self.key)
        if stored is not None:
            return self._repeat(stored)
        response = work()
        now = utc_now()
        queries.forget_answers(session, now - KEPT)
        session.add(
            IdempotencyKey(
                user_id=self.user_id,
                key=self.key,
                request_hash=self.request_hash,
                status=response.status_code,
                body=_without(secret, bytes(response.body).decode()),
                headers={name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
                created_at=now,
            )
        )
        session.flush()
        return response

    def _repeat(self, stored: IdempotencyKey) -> Response:
        if stored.request_hash != self.request_hash:
            message = "This key came with another request before: use a new key for a new request."
            fault = Fault(pointer="/header/Idempotency-Key", rule="idempotency-key.reused", message=message)
            raise InvalidInput([fault])
        headers = {**(stored.headers or {}), "Idempotency-Replayed": "true"}
        return Response(stored.body, stored.status, headers, "application/json")


def _without(secret: str | None, body: str) -> str:
    return body if secret is None else json.dumps(json.loads(body) | {secret: None}, ensure_ascii=False)


async def _once(
    request: Request,
    actor: CurrentActor,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            pattern=r"^[!-~]+$",
            description="any text that is new for each new request; a repetition gets the stored answer",
        ),
    ] = None,
) -> Once:
    content = hashlib.sha256()
    for part in (request.method.encode(), request.url.path.encode(), request.url.query.encode(), await request.body()):
        content.update(len(part).to_bytes(8) + part)
    if actor.user_id is None:
        raise NotAuthenticated("A request is repeated by the user who sent it: send a user's token.")
    return Once(user_id=actor.user_id, key=idempotency_key, request_hash=content.hexdigest())


Idempotent = Annotated[Once, Depends(_once)]
