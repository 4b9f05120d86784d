"""Asks one page after another, or several at once, and says how long the answers took."""

import http.client
import itertools
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from dev.bootstrap import Trouble

LONGEST = 300  # seconds that an answer may take
# A request with the first is told how many queries it took, and by which worker: bench/middleware.py.
ASKED, QUERIES, WORKER = "X-Bench-Count", "X-Bench-Queries", "X-Bench-Worker"

Ask = tuple[str, Mapping[str, str]]  # a path, and headers
NextAsk = Callable[[], Ask]


@dataclass(frozen=True)
class Answer:
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class Client:
    """Keeps its connection where the server does; a sync worker closes it, and the next request opens another."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        try:
            return self._get(path, headers or {})
        except http.client.RemoteDisconnected:  # the server gave up an idle connection
            self.connection.close()
            return self._get(path, headers or {})

    def _get(self, path: str, headers: Mapping[str, str]) -> Answer:
        begun = time.perf_counter()
        self.connection.request("GET", path, headers={"Accept": "text/html", **headers})
        response = self.connection.getresponse()
        body = response.read()
        return Answer(path, response.status, dict(response.headers), body, time.perf_counter() - begun)

    def get_checked(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        answer = self.get(path, headers)
        if answer.status not in {200, 304}:
            raise Trouble(f"{path} answered {answer.status}.")
        return answer


def rotate(paths: Sequence[str]) -> NextAsk:
    turn = itertools.cycle(paths)
    return lambda: (next(turn), {})


def ask_again(port: int, path: str) -> NextAsk:
    """As a browser that has the page already: with its cookies, and the marks of what it has."""
    had = Client(port).get_checked(path).headers
    marks = {
        "If-None-Match": had.get("ETag"),
        "If-Modified-Since": had.get("Last-Modified"),
        "Cookie": had.get("Set-Cookie", "").partition(";")[0],
    }
    return lambda: (path, {name: value for name, value in marks.items() if value})


def seen_all(port: int, ask: NextAsk, *, workers: int, least: int) -> None:
    """Ask until each worker has answered that often; which of them takes a connection is the kernel's choice."""
    seen: dict[str, int] = {}
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        path, headers = ask()
        worker = Client(port).get_checked(path, {**headers, ASKED: "1"}).headers[WORKER]
        seen[worker] = seen.get(worker, 0) + 1
        if len(seen) == workers and min(seen.values()) >= least:
            return
    raise Trouble(f"Not all of the {workers} workers answer.")


def in_turn(port: int, asks: Mapping[str, NextAsk], *, times: int, budget: float) -> dict[str, list[float]]:
    """Seconds of each page. The pages take turns, so that whatever else the machine does falls on all of them alike;
    one that has used up its budget of seconds is left out from then on.
    """
    client = Client(port)
    seconds: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(times):
        for name, ask in asks.items():
            if sum(seconds[name]) < budget:
                seconds[name].append(client.get_checked(*ask()).seconds)
    return seconds


def at_once(port: int, ask: NextAsk, *, connections: int, times: int, budget: float) -> float:
    """Requests a second."""
    asks = iter([ask() for _ in range(times)])
    begun = time.perf_counter()

    def work(client: Client) -> int:
        done = 0
        while time.perf_counter() - begun < budget and (following := next(asks, None)):
            client.get_checked(*following)
            done += 1
        return done

    with ThreadPoolExecutor(connections) as threads:
        done = sum(threads.map(work, [Client(port) for _ in range(connections)]))
    return done / (time.perf_counter() - begun)


def median_ms(seconds: Sequence[float]) -> float:
    return statistics.median(seconds) * 1000


def p95_ms(seconds: Sequence[float]) -> float:
    return sorted(seconds)[math.ceil(len(seconds) * 0.95) - 1] * 1000
