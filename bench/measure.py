"""Which pages are asked for, and what is measured of each."""

import random
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg2

from bench import client, words
from bench.client import ASKED, QUERIES, WORKER, Answer, Client, NextAsk
from dev.bootstrap import Trouble

PAGES = ("floor", "newest", "newest-again", "filters", "rare", "common", "posting")
OK = 200
CONNECTIONS = 8
WARM_UP = 3  # requests of each page to each worker, at least
CHANGES = 20
POSTING_PAGES = 20
MOST_TRIES = 100
FILTERS = (
    "label=micro-internship&stream=data-analytics&pay=paid",
    "type=micro-internship&location=remote&level=graduate",
    "stream=software-engineering&stream=research-analysis&level=undergraduate&pay=paid",
    "label=alumni-host&location=remote&pay=paid",
    "label=iap&type=micro-internship&level=undergraduate",
    "stream=marketing-content&location=hybrid&pay=paid",
)
LISTS = {
    "floor": ["/bench/floor/"],
    "newest": ["/postings/"],
    "filters": [f"/postings/?{query}" for query in FILTERS],
    "rare": [f"/postings/?q={word}&sort=match" for word in words.RARE],
    "common": [f"/postings/?q={word}&sort=match" for word in words.COMMON],
}
LINK = re.compile(rb'href="/postings/(\d+)/"')
FULL_FROM = 1000  # with fewer postings a page may be empty


@dataclass
class Row:
    page: str
    size: int
    median_ms: float
    p95_ms: float
    rps: float
    queries: int
    bytes: int
    ratio: float
    status: int
    requests: int  # that the median is of; fewer than asked for where a page used up its budget


@dataclass(frozen=True)
class Load:
    """How much is asked of each page at each size."""

    requests: int
    budget: float
    workers: int


def measure(port: int, database: str, size: int, load: Load) -> tuple[list[Row], str]:
    """The rows, and what happens but once, in words."""
    apart = first_of_workers(port, load.workers)
    first = {name: answers(port, paths) for name, paths in (LISTS | {"posting": posting_paths(size)}).items()}
    apart |= {f"{name}, asked for the first time": first[name] for name in ("filters", "rare", "common", "posting")}
    rows = measure_pages(port, size, load, {name: [answer.path for answer in first[name]] for name in first})
    apart["newest, when a posting has just changed"] = answers_after_changes(port, database)
    medians = {name: client.median_ms([answer.seconds for answer in apart[name]]) for name in apart}
    return rows, "\n".join(f"{median:23,.1f}  {name}" for name, median in medians.items())


def first_of_workers(port: int, workers: int) -> dict[str, list[Answer]]:
    """Of two workers that have not shown a posting since they began, or one after the other of the only one."""
    newest = Client(port).get_checked(LISTS["newest"][0], {ASKED: "1"})
    for _ in range(MOST_TRIES):
        common = Client(port).get_checked(LISTS["common"][0], {ASKED: "1"})
        if workers == 1 or common.headers[WORKER] != newest.headers[WORKER]:
            break
    return {"newest, first answer of a worker": [newest], "common, first answer of a worker": [common]}


def posting_paths(size: int) -> list[str]:
    """Here and there among all."""
    numbers = random.Random(size).sample(range(1, size + 1), min(size, 2 * POSTING_PAGES))
    return [f"/postings/{number}/" for number in numbers]


def answers(port: int, paths: Sequence[str]) -> list[Answer]:
    """Of the pages that a visitor may see; a few postings are for the campus alone."""
    return [answer for answer in (Client(port).get(path) for path in paths) if answer.status == OK]


def measure_pages(port: int, size: int, load: Load, paths: dict[str, list[str]]) -> list[Row]:
    paths["posting"] = paths["posting"][:POSTING_PAGES]
    asks = {name: client.rotate(paths[name]) for name in paths}
    asks["newest-again"] = client.ask_again(port, "/postings/")
    asks = {name: asks[name] for name in PAGES}
    for ask in asks.values():
        client.seen_all(port, ask, workers=load.workers, least=WARM_UP)
    counted = {name: counted_answers(port, ask, len(paths.get(name, "1"))) for name, ask in asks.items()}
    check_contents(counted, size)
    seconds = client.in_turn(port, asks, times=load.requests, budget=load.budget)
    rps = {name: busy(port, ask, load) for name, ask in asks.items()}
    floor = client.median_ms(seconds["floor"])
    return [row_of(name, size, seconds[name], rps[name], counted[name], floor) for name in asks]


def counted_answers(port: int, ask: NextAsk, times: int) -> list[Answer]:
    asks = [ask() for _ in range(times)]
    return [Client(port).get_checked(path, {**headers, ASKED: "1"}) for path, headers in asks]


def check_contents(counted: dict[str, list[Answer]], size: int) -> None:
    """A page without postings, or filters that filter nothing, would be quick and mean nothing."""
    if size < FULL_FROM:
        return
    newest = LINK.findall(counted["newest"][0].body)
    for name in LISTS:
        if len(counted[name]) != len(LISTS[name]):
            raise Trouble(f"Some page of {name} does not answer.")
        found = [LINK.findall(answer.body) for answer in counted[name]]
        if not all(found):
            raise Trouble(f"No posting on a page of {name}: {LISTS[name][found.index([])]}")
        if name in {"filters", "rare", "common"} and newest in found:
            raise Trouble(f"Nothing is narrowed on a page of {name}: {LISTS[name][found.index(newest)]}")


def busy(port: int, ask: NextAsk, load: Load) -> float:
    return client.at_once(port, ask, connections=CONNECTIONS, times=load.requests, budget=load.budget)


def row_of(name: str, size: int, seconds: Sequence[float], rps: float, counted: Sequence[Answer], floor: float) -> Row:
    median = client.median_ms(seconds)
    return Row(
        page=name,
        size=size,
        median_ms=round(median, 2),
        p95_ms=round(client.p95_ms(seconds), 2),
        rps=round(rps, 1),
        queries=max(int(answer.headers[QUERIES]) for answer in counted),
        bytes=round(statistics.median(len(answer.body) for answer in counted)),
        ratio=round(median / floor, 2),
        status=counted[0].status,
        requests=len(seconds),
    )


def answers_after_changes(port: int, database: str) -> list[Answer]:
    """`newest`, each time right after the newest posting has got another title."""
    rename = """UPDATE postings_posting SET title = left(title, 100) || %s WHERE id =
        (SELECT id FROM postings_posting WHERE status = 'open' ORDER BY published_at DESC, id DESC LIMIT 1)"""
    connection = psycopg2.connect(database)
    connection.autocommit = True
    found = []
    with connection.cursor() as cursor:
        for number in range(CHANGES):
            cursor.execute(rename, [f" ({number})"])
            found.append(Client(port).get_checked("/postings/"))
    connection.close()
    return found
