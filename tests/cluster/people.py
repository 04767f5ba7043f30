"""Clients of the drill: some write with one-time keys until they are told that it is stored, some read.

Two of those who read do nothing but fetch the public file, one through the proxy and one from the bucket.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count, pairwise
from typing import Self

import httpx
import obstore

from tests.cluster.office import DATASET, PREFIX, Office
from tests.cluster.parts import PATIENCE

#: seconds a client waits for one answer
_PATIENCE = 20.0


@dataclass(kw_only=True)
class Seen:
    """What clients saw; shared by their threads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    #: moment of every good answer, in seconds
    answered: list[float] = field(default_factory=list)
    #: statuses and failures that were no good answers, by name
    refused: Counter[str] = field(default_factory=Counter)

    def good(self) -> None:
        with self.lock:
            self.answered.append(time.monotonic())

    def bad(self, what: str) -> None:
        with self.lock:
            self.refused[what] += 1

    def longest_silence(self) -> float:
        """Seconds between two good answers that came one after the other."""
        moments = sorted(self.answered)
        return max((later - sooner for sooner, later in pairwise(moments)), default=0.0)


class Clients:
    """Threads that do one thing again and again until they are told to stop."""

    def __init__(self, office: Office, number: int) -> None:
        self.office = office
        self.seen = Seen()
        self.stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(number)]

    def __enter__(self) -> Self:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for each in self._threads:
            each.join()

    def _work(self, number: int) -> None:
        headers = {"Authorization": f"Bearer {self.office.token}"}
        with httpx.Client(base_url=self.office.address, headers=headers, timeout=_PATIENCE, trust_env=False) as client:
            while not self.stopped.is_set():
                self.once(client, number)

    def once(self, client: httpx.Client, number: int) -> None:
        raise NotImplementedError

    def ask(self, client: httpx.Client, request: httpx.Request) -> httpx.Response | None:
        """The answer; None where there was none, or one that says: try again."""
        try:
            answer = client.send(request)
        except httpx.HTTPError as error:
            self.seen.bad(type(error).__name__)
            return None
        if answer.status_code >= 500 or answer.status_code == 429:
            self.seen.bad(str(answer.status_code))
            return None
        self.seen.good()
        return answer


class Writers(Clients):
    """Each enters expenditure, and repeats it under the same key until it is told that it is stored."""

    def __init__(self, office: Office, number: int) -> None:
        super().__init__(office, number)
        #: documents that were acknowledged
        self.acknowledged: list[str] = []
        #: what was refused that should not have been
        self.surprises: list[str] = []
        self._numbers = count(1)

    def once(self, client: httpx.Client, number: int) -> None:
        turn = next(self._numbers)
        document = f"DRILL-{turn:06}"
        body = {
            "document": document, "project": self.office.code(turn), "type": "expenditure", "date": "2026-01-15",
            "amount": "12.50", "currency": "USD",
        }  # fmt: skip
        # what was begun is repeated to its end, also when the others have stopped
        while True:
            request = client.build_request(
                "POST", "/api/v1/transactions", json=body, headers={"Idempotency-Key": document}
            )
            answer = self.ask(client, request)
            if answer is None or answer.status_code == 409:
                # the same key is under way somewhere, or nobody answers
                time.sleep(0.2)
                continue
            with self.seen.lock:
                if answer.status_code == 201:
                    self.acknowledged.append(document)
                else:
                    self.surprises.append(f"{document}: {answer.status_code} {answer.text[:200]}")
            return


class Readers(Clients):
    """They read lists, projects, reports, and the public file, which is there whole at every moment."""

    PROXY, BUCKET = "the proxy", "the bucket"

    def __init__(self, office: Office, number: int) -> None:
        super().__init__(office, number)
        #: what was wrong with public files
        self.broken: list[str] = []
        #: SHA-256 of the public file as it was read, by place
        self.files: dict[str, Counter[str]] = {self.PROXY: Counter(), self.BUCKET: Counter()}
        self._store = office.bucket.store(PREFIX)
        self._numbers = count(1)

    def once(self, client: httpx.Client, number: int) -> None:
        turn = next(self._numbers)
        if number == 0:
            self._through_proxy(client)
            return
        if number == 1:
            self._from_bucket()
            return
        path = (
            f"/api/v1/projects?limit={turn % 50 + 1}",
            f"/api/v1/projects?q={self.office.code(turn)}",
            "/api/v1/reports/delivery?period=2026&by=unit" if turn % 50 == 0 else "/api/v1/obligations?limit=20",
        )[turn % 3]
        answer = self.ask(client, client.build_request("GET", path))
        if answer is None:
            time.sleep(0.2)
        elif answer.status_code != 200:
            self.seen.bad(f"{answer.status_code} {path.partition('?')[0]}")

    def see_both(self) -> None:
        """Until the public file was read from both places in the bytes of both releases."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and any(len(seen) < 2 for seen in self.files.values()):
            time.sleep(0.1)

    def _through_proxy(self, client: httpx.Client) -> None:
        answer = self.ask(client, client.build_request("GET", f"/iati/{DATASET}.xml"))
        if answer is not None and answer.status_code == 200:
            self.files[self.PROXY][sha256(answer.content).hexdigest()] += 1
        elif answer is not None:
            self.broken.append(f"the proxy says {answer.status_code} of the public file")
        time.sleep(0.2)

    def _from_bucket(self) -> None:
        try:
            content = bytes(obstore.get(self._store, f"{DATASET}.xml").bytes())
        except FileNotFoundError:
            self.broken.append("the bucket had no public file for a moment")
        else:
            self.files[self.BUCKET][sha256(content).hexdigest()] += 1
        time.sleep(0.2)


def told(office: Office, writers: Writers, readers: Readers) -> list[str]:
    """The account of a drill, line by line."""
    answers = len(writers.seen.answered) + len(readers.seen.answered)
    refused = writers.seen.refused + readers.seen.refused
    both = Seen(answered=writers.seen.answered + readers.seen.answered).longest_silence()
    writing = writers.seen.longest_silence()
    mails = office.mailbox.mails.values()
    return [
        f"answers:            {answers:,}; {len(writers.acknowledged):,} of them acknowledged a write",
        f"no answer:          {', '.join(f'{what} {number}' for what, number in refused.most_common()) or 'none'}",
        f"longest silence:    {both:.1f} s for all clients together, {writing:.1f} s for those who write",
        *(
            f"public file:        read whole from {place} {seen.total()} times, in {len(seen)} versions"
            for place, seen in readers.files.items()
        ),
        f"alerts:             {office.count('alerts'):,} recorded",
        f"messages:           {len(mails):,} arrived, {sum(len(each) > 1 for each in mails)} of them more than once",
        *(f"release:            {each}" for each in office.released),
    ]
