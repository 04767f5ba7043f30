"""Whatever is sent, the API answers as its description says, and never with a failure of its own.

The suite sends the same few requests each time; ``make deep`` sends many, and others each time.
"""

import asyncio
import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from tests.api import Api
from tests.deep import DEEP, FACTOR

with warnings.catch_warnings():
    # its client would rather have the successor of httpx, which the program does not use
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.checks import CHECKS
    from schemathesis.generation import GenerationMode
    from schemathesis.python import asgi

#: the description does not say which codes a codelist holds, so that what it allows may still be refused
LEFT_OUT = {"positive_data_acceptance"}
#: requests for each operation: such as the description allows, and such as it does not
AS_DESCRIBED, OTHERWISE = 4, 2
#: the same for operations that take nothing but keys in their address
KEYS_AS_DESCRIBED, KEYS_OTHERWISE = 2, 1
#: the operations are dealt out to this many tests, so that both cores have some
SHARDS = 4

AGREEMENT = {
    "reference": "NLD-1", "partner": "NLD", "title": "Living wages", "preset": "project", "status": "signed",
    "signed_on": "2026-01-15", "currency": "EUR", "amount": "1000",
}  # fmt: skip
ROWS: list[tuple[str, dict[str, Any]]] = [
    ("/units", {"code": "ROAF", "name": "Africa"}),
    ("/officers", {"code": "ann", "name": "Ann", "email": "ann@example.org", "unit": "ROAF"}),
    ("/users", {"name": "ann", "role": "officer", "unit": "ROAF"}),
    ("/partners", {"code": "NLD", "name": "Netherlands", "category": "government"}),
    ("/projects", {"code": "A/1", "title": "Wages", "status": "implementation", "unit": "ROAF", "officer": "ann"}),
    ("/agreements", AGREEMENT),
    ("/agreements/1/shares", {"project": "A/1", "percent": "50"}),
    ("/agreements/1/instalments", {"due_on": "2026-06-30", "amount": "500"}),
    ("/transactions", {
        "document": "EX-1", "project": "A/1", "type": "expenditure", "date": "2026-03-01", "amount": "5",
        "currency": "USD",
    }),
    ("/rates", {"currency": "EUR", "effective_on": "2026-01-01", "rate": "0.9"}),
]  # fmt: skip


class InThisThread:
    """What schemathesis asks of a portal to a loop; its own lies in another thread, where each request went twice."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def start_task_soon(self, work: Callable[..., Any], *given: Any) -> Any:
        return self.loop.create_task(work(*given))

    def call(self, work: Callable[..., Any], *given: Any) -> Any:
        result = work(*given)
        return self.loop.run_until_complete(result) if inspect.isawaitable(result) else result


@pytest.fixture(autouse=True)
def in_this_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    portal = InThisThread()
    monkeypatch.setattr(asgi, "_get_portal", lambda: portal)
    yield
    asgi.shutdown_lifespans()
    portal.loop.run_until_complete(portal.loop.shutdown_default_executor())
    portal.loop.close()


def fill(api: Api) -> str:
    """A row of most kinds, so that keys lead somewhere; gives the token."""
    client = api.client()
    for path, body in ROWS:
        answer = client.post(path, json=body)
        assert answer.status_code == 201, (path, answer.text)
    return str(client.headers["authorization"])


def send(case: Any, token: str, *, aim: bool) -> None:
    """Sends a request and checks the answer; with ``aim`` its keys lead to a row in its present version."""
    if aim:
        for name, value in dict(case.path_parameters or {}).items():
            if isinstance(value, int):
                case.path_parameters[name] = 1
        if any(parameter.name == "If-Match" for parameter in case.operation.headers):
            case.headers["If-Match"] = "*"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = case.call(headers={"Authorization": token})
    checks = CHECKS.get_by_names([name for name in CHECKS.get_all_names() if name not in LEFT_OUT])
    case.validate_response(answer, checks=checks)


def exercise(operation: Any, token: str, mode: GenerationMode, examples: int) -> None:
    @settings(
        max_examples=examples * FACTOR,
        deadline=None,
        derandomize=not DEEP,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), aim=st.booleans())
    def run(case: Any, aim: bool) -> None:
        send(case, token, aim=aim and mode is GenerationMode.POSITIVE)

    run()


@pytest.mark.slow
@pytest.mark.hypothesis
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_answer_is_as_described_and_none_is_a_failure(light_api: Api, shard: int) -> None:
    token = fill(light_api)
    description = schemathesis.openapi.from_asgi("/openapi.json", light_api.app)
    failures: list[str] = []
    exercised = 0
    for place, found in enumerate(description.get_all_operations()):
        if place % SHARDS != shard:
            continue
        operation = found.ok()
        exercised += 1
        much = list(operation.body) or list(operation.query)
        counts = (AS_DESCRIBED, OTHERWISE) if much else (KEYS_AS_DESCRIBED, KEYS_OTHERWISE)
        for mode, examples in zip((GenerationMode.POSITIVE, GenerationMode.NEGATIVE), counts, strict=True):
            try:
                exercise(operation, token, mode, examples)
            except Unsatisfiable:
                # nothing that could be sent to this operation contradicts its description
                assert mode is GenerationMode.NEGATIVE
            except (AssertionError, BaseExceptionGroup) as failure:
                failures.append(f"{operation.label} ({mode.value}): {failure}")
    assert exercised > 10
    assert failures == [], "\n\n".join(failures)
