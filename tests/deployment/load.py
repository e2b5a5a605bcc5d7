"""Clients that ask a server without a pause, and what becomes of their requests."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count

#: What becomes of a request: an answer; nothing, though it was sent; or no connection.
ANSWERED, LOST, REFUSED = "answered", "lost", "refused"


class Crowd:
    """Clients that each send the next request, on a new connection, after an answer.

    Attributes:
        ends: By the number of a request, what became of it, or the status of an answer
            other than 200.
    """

    def __init__(self, port: int, path: str, clients: int) -> None:
        self.ends: dict[int, str] = {}
        self._port = port
        self._path = path
        self._numbers = count()
        self._leaves = threading.Event()
        self._threads = [
            threading.Thread(target=self._visit, daemon=True) for _ in range(clients)
        ]

    def counted(self) -> Counter[str]:
        """Return how many requests ended in which way."""
        return Counter(self.ends.values())

    def wait_for(self, answers: int, seconds: float) -> None:
        """Return once so many requests were answered."""
        deadline = time.monotonic() + seconds
        while self.counted()[ANSWERED] < answers:
            assert time.monotonic() < deadline, self.counted()
            time.sleep(0.01)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Have them ask in a block, and go home at its end."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._leaves.set()
            for thread in self._threads:
                thread.join()

    def _visit(self) -> None:
        while not self._leaves.is_set():
            number = next(self._numbers)
            self.ends[number] = end = self._ask(number)
            if end == REFUSED:
                return

    def _ask(self, number: int) -> str:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        with closing(line):
            try:
                line.connect()
            except OSError:
                return REFUSED
            try:
                line.request("GET", f"{self._path}/{number}")
                answer = line.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return LOST
            return ANSWERED if answer.status == 200 else str(answer.status)
