"""Runs the service, and tells its address once it answers there."""

import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from uvicorn.supervisors import Multiprocess

from app.errors import Conflict, UsageError
from app.http.logs import LOGGING

#: addresses that mean every one of this machine, and the one to ask under from here
_EVERY = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared with, not listened on

#: connections that wait to be taken up
_BACKLOG = 2048


def run_service(
    *,
    host: str,
    port: int,
    workers: int = 1,
    ready: Callable[[str], None],
    quiet: bool = False,
    held: socket.socket | None = None,
) -> None:
    """Serves until it is stopped. ``ready`` is called with the address, once, as soon as requests are answered.

    ``port`` 0 takes any free one. ``quiet`` logs nothing but trouble. ``held``: what listens there already.

    :raises Conflict: when another program listens there.
    :raises UsageError: when this machine has no such address.
    """
    listener = held or bound(host, port)
    config = uvicorn.Config(
        "app.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=_logging(quiet=quiet),
        access_log=False,
    )
    stopped = threading.Event()
    address = address_of(host, listener.getsockname()[1])
    threading.Thread(target=_tell, args=(address, ready, stopped), daemon=True).start()
    try:
        if workers > 1:
            with _shared_counts():
                Multiprocess(config, sockets=[listener]).run()
        else:
            uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        stopped.set()
        listener.close()


def address_of(host: str, port: int) -> str:
    """The address under which a service that listens there is asked from this machine."""
    name = _EVERY.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def bound(host: str, port: int) -> socket.socket:
    """The socket of the service. It listens at once, so that no other program takes the port while this one starts."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise UsageError(f"--host {host!r} is no address of this machine: 127.0.0.1 is this machine alone.") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(place)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        raise Conflict(
            f"Earmark cannot listen on port {port} of {host} ({reason}): stop what does, or choose another --port."
        ) from error
    listener.set_inheritable(True)
    return listener


def _tell(address: str, ready: Callable[[str], None], stopped: threading.Event) -> None:
    """Asks until there is an answer; whoever asks before the program is there waits."""
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        while not stopped.wait(0.05):
            try:
                client.get("/health/live").raise_for_status()
            except httpx.HTTPError:
                continue
            ready(address)
            return


@contextmanager
def _shared_counts() -> Iterator[None]:
    """Inside, the processes of the service count together; what they counted goes when it ends."""
    from app.http.metrics import SHARED_FOLDER

    if SHARED_FOLDER in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="earmark-counts-") as folder:
        os.environ[SHARED_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[SHARED_FOLDER]


def _logging(*, quiet: bool) -> dict[str, Any]:
    return LOGGING | {"root": LOGGING["root"] | {"level": "WARNING"}} if quiet else LOGGING
