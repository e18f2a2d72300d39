"""Ask a store on a real PostgreSQL server what a dashboard asks, beside the same store in SQLite.

python benchmarks/store_postgresql.py [--bounded]

Both hold the same rows, and each question is put to one and the other in turn, so that the ratio
bears a busy machine: a geometric mean over the turns, with Student's 95 % interval. The server
flushes what it acknowledges, as SQLite does. Foreign processor time is not told apart here: the
server's own would count as such.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from paceline.model import METRICS, RESOURCES, Case, Host, Measurement, Resources, Run, RunId, Turn
from paceline.store.board import Board
from paceline.store.daily import rebuild
from paceline.store.postgresql.server import StoreServer
from paceline.store.postgresql.url import parse_url
from paceline.store.sqlite import Store
from rounds import over_blocks

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.postgresql.server import Server, programs

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.store.transactions import Connection

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux", "CPython 3.11.7")
FOUR = tuple(METRICS[name] for name in ("wall_time", "first_call", "cpu_share", "peak_memory"))
FOLDERS = ("unit", "integration", "e2e", "performance", "smoke")
TESTS = 250
DAY = 86_400.0
START = 19_000 * DAY  # in the morning, so that a day's runs share it
RAW = 200  # the newest runs that keep raw values
FIRST = RunId("run-00000")
CASES = tuple(Case(f"tests/{FOLDERS[n % 5]}/test_area_{n % 20}.py::test_{n}") for n in range(TESTS))


def run_of(number: int, runs: int) -> Run:
    """Give one of so many runs that are spread over a year."""
    started = START + 365 * DAY * number / runs
    return Run(RunId(f"run-{number:05}"), started, HOST, commit=f"{number:040x}")


def measurements(source: random.Random) -> tuple[Measurement, ...]:
    """Make a run's measurements: four metrics a test, 50 values each."""
    return tuple(
        Measurement(
            case, metric, tuple(1e-3 * source.lognormvariate(n / 99, 0.05) for _ in range(50))
        )
        for n, case in enumerate(CASES)
        for metric in FOUR
    )


def records(failing: range) -> tuple[Resources, ...]:
    """Make a run's records; the tests of these numbers fail."""
    figures = (0.5, *(1.0 for _ in RESOURCES[1:]))
    return tuple(
        Resources(case, figures, (), Turn("gw1", n, 1.0, "failed" if n in failing else "passed"))
        for n, case in enumerate(CASES)
    )


COLUMNS = "rounds, iterations, warmup, unsure, items, item_unit, conditions, extra, sites"
SPREAD = "(1 + ((runs.number * 7919 + case_number * 104729) % 1000) / 10000.0)"
MORE_MEASUREMENTS = (
    "INSERT INTO measurements (run_number, case_number, metric_number, mean, median, min,"  # noqa: S608  (constants)
    f" stddev, raw_values, {COLUMNS}) SELECT runs.number, case_number, metric_number,"
    f" mean * {SPREAD}, median * {SPREAD}, min * {SPREAD}, stddev,"
    f" CASE WHEN runs.number > ? THEN raw_values END, {COLUMNS}"
    " FROM measurements JOIN runs ON runs.number > 1 WHERE run_number = 1"
    " ORDER BY runs.number, case_number, metric_number"
)
FIGURES = (*RESOURCES, "worker", "position", "started", "attempt")
MORE_RECORDS = (
    "INSERT INTO resources (run_number, case_number, unsure, outcome,"  # noqa: S608  (constants)
    f" {', '.join(FIGURES)}) SELECT runs.number, case_number, unsure,"
    " CASE WHEN (runs.number * 31 + case_number * 17) % 97 = 0 THEN 'failed' ELSE outcome END,"
    f" {', '.join(f'resources.{name}' for name in FIGURES)}"
    " FROM resources JOIN runs ON runs.number > 1 WHERE run_number = 1"
    " ORDER BY runs.number, case_number"
)


def fill(store: Store, runs: int) -> None:
    """Keep one run, multiply its rows inside the database, and roll them up."""
    first = run_of(0, runs)
    store.begin(first)
    store.append(first.id, measurements(random.Random(1)))
    store.keep_resources(first.id, records(range(0, TESTS, 60)))
    store.finish(first)
    for number in range(1, runs):
        store.begin(run_of(number, runs))

    def work(connection: Connection) -> None:
        connection.execute(MORE_MEASUREMENTS, (runs - RAW,))
        connection.execute(MORE_RECORDS)
        connection.execute("UPDATE runs SET complete = 1")
        rebuild(connection)

    store.transactions.write(work)


def questions(store: Store, runs: int) -> dict[str, Callable[[], Any]]:
    """Give what a dashboard asks, as `Store` and `Board` answer it."""
    board = Board(store.transactions)
    case, newest = CASES[7].id, run_of(runs - 1, runs).id
    today = int(run_of(runs - 1, runs).started // DAY)
    return {
        "latest 100 runs of one test": lambda: store.trend(case, "wall_time", limit=100),
        "series of one test, 1,000 runs": lambda: store.trend(case, "wall_time", limit=1000),
        "slowest 20 of a category, 50 runs": lambda: board.slowest("unit", "wall_time"),
        "category by day, 365 days": lambda: board.days("unit", "wall_time", since=today - 365),
        "failure rates, 30 days": lambda: board.rates(since=today - 30),
        "compare two runs, 1,000 figures": lambda: board.pairs(FIRST, newest),
        "flaky in 50 runs": lambda: board.flaky(runs=50),
        "list 20 runs": lambda: store.runs(limit=20),
        "read one run with its values": lambda: store.measurements(newest),
    }


def timed(call: Callable[[], object]) -> float:
    """Give a call's time in milliseconds."""
    start = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - start)


def in_turn(calls: dict[str, Callable[[], object]], *, times: int) -> dict[str, list[float]]:
    """Make each call in turn, and give each one's times in milliseconds."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(times):
        names = list(calls) if number % 2 else list(reversed(calls))
        for name in names:
            taken[name].append(timed(calls[name]))
    return taken


def appending(store: Store, name: str) -> Callable[[], None]:
    """Keep a run after another, 1,000 measurements each, as a recorder does."""
    source = random.Random(2)
    made, numbers = measurements(source), iter(range(10_000))

    def append() -> None:
        run = Run(RunId(f"{name}-{next(numbers)}"), START + 366 * DAY, HOST)
        store.begin(run)
        store.append(run.id, made)
        store.finish(run)

    return append


def report(stores: dict[str, Store], runs: int, *, times: int) -> None:
    """Check that both give the same answers, and print what each takes."""
    asked = {name: questions(store, runs) for name, store in stores.items()}
    print(f"{'':36}{'SQLite ms':>12}{'PostgreSQL ms':>15}  ratio, 95 % interval")
    for question in asked["SQLite"]:
        calls = {name: found[question] for name, found in asked.items()}
        answers = [repr(call())[:2000] for call in calls.values()]
        same = answers[0].split(",")[0] == answers[1].split(",")[0]
        assert same, (question, answers)
        line(question, in_turn(calls, times=times))
    calls = {name: appending(store, name) for name, store in stores.items()}
    line("begin, append 1,000, finish", in_turn(calls, times=times))


def line(name: str, took: dict[str, list[float]]) -> None:
    """Print one row: medians, and the ratio over the turns."""
    first, second = took["SQLite"], took["PostgreSQL"]
    ratio = over_blocks([theirs / ours for ours, theirs in zip(first, second, strict=True)])
    said = f"{ratio.point:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
    print(f"{name:36}{median(first):12.2f}{median(second):15.2f}  {said}", flush=True)


def main() -> None:
    """Fill both and print one table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--bounded", action="store_true", help="100 runs, 5 times each")
    given = parser.parse_args()
    runs, times = (100, 5) if given.bounded else (given.runs, 21)
    folder = programs()
    if folder is None:
        sys.exit("no PostgreSQL here: neither a wheel's nor Debian's programs")
    server = Server(folder, durable=True)
    try:
        server.start()
        server.execute("CREATE DATABASE perf")
        url = parse_url(server.url("perf"))
        with tempfile.TemporaryDirectory() as place:
            kept = StoreServer(url, kept=True)
            stores = {
                "SQLite": Store(Path(place) / "paceline.sqlite", clock=time.time),
                "PostgreSQL": Store(kept, clock=time.time),
            }
            for name, store in stores.items():
                print(f"fill {name}: {timed(lambda store=store: fill(store, runs)) / 1e3:.1f} s")
            server.execute("VACUUM ANALYZE", database="perf")
            ((size,),) = server.execute("SELECT pg_database_size('perf')", database="perf")
            print(f"{stores['SQLite'].path.stat().st_size / 1e6:.0f} MB, {size / 1e6:.0f} MB")
            report(stores, runs, times=times)
            alone = Store(StoreServer(url), clock=time.time)
            one = median(in_turn({"": lambda: alone.runs(limit=1)}, times=times)[""])
            print(f"{'connect, list 1 run, disconnect':36}{'':12}{one:15.2f}")
            kept.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
