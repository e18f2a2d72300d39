"""Time the store's calls on a year of runs, and weigh its file.

python benchmarks/store_speed.py --runs 200 --cases 250
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from paceline.model import METRICS, Case, Host, Measurement, Run, RunId
from paceline.store.retention import Retention
from paceline.store.sqlite import Store
from paceline.store.values import decode_values, encode_values

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux", "CPython 3.11.7")
FOUR = tuple(METRICS[name] for name in ("wall_time", "first_call", "cpu_share", "peak_memory"))
ROUNDS = 50
TIMES = 15


def measurements(cases: int, source: random.Random) -> tuple[Measurement, ...]:
    """Make one run's measurements: four metrics a case, noisy timings as raw values."""
    return tuple(
        Measurement(
            Case(f"tests/test_area_{case % 20}.py::TestSubject::test_case_{case}[parameter]"),
            metric,
            tuple(1e-3 * source.lognormvariate(0, 0.05) for _ in range(ROUNDS)),
        )
        for case in range(cases)
        for metric in FOUR
    )


def timed(call: Callable[[], object], *, times: int = TIMES) -> float:
    """Give the median time of a call in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return 1e3 * median(taken)


def fill(store: Store, runs: int, cases: int, source: random.Random) -> float:
    """Keep the runs and give the median time of an append in milliseconds."""
    taken = []
    for number in range(runs):
        run = Run(RunId(f"run-{number:05}"), 1e9 + number, HOST, commit=f"{number:040x}")
        made = measurements(cases, source)
        store.begin(run)
        start = time.perf_counter()
        store.append(run.id, made)
        taken.append(time.perf_counter() - start)
        store.finish(run)
    return 1e3 * median(taken)


def times_of(store: Store, runs: int) -> dict[str, float]:
    """Time the reads, then what retention does, in milliseconds."""
    case = measurements(1, random.Random(0))[0].case.id
    latest, half = store.find("latest").id, runs // 2
    thin, remove = Retention(raw_runs=half), Retention(keep_runs=half)
    return {
        "list 20 runs": timed(lambda: store.runs(limit=20)),
        "find latest~2": timed(lambda: store.find("latest~2")),
        "read one run": timed(lambda: store.measurements(latest)),
        "series, 100 runs with raw values": timed(lambda: store.series(case, "wall_time")),
        f"trend, {runs} runs": timed(lambda: store.trend(case, "wall_time", limit=runs)),
        "check everything": timed(store.check, times=1),
        "drop raw values of the older half": timed(lambda: store.prune(thin), times=1),
        "prune with nothing to do": timed(lambda: store.prune(thin)),
        "remove the older half": timed(lambda: store.prune(remove), times=1),
    }


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--cases", type=int, default=250)
    given = parser.parse_args()
    source, count = random.Random(1), len(FOUR) * given.cases
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "paceline.sqlite", clock=lambda: 2e9)
        rows = {
            f"append one run ({count:,} measurements)": fill(store, given.runs, given.cases, source)
        }
        size = store.path.stat().st_size / given.runs / count
        rows |= times_of(store, given.runs)
    values = tuple(1e-3 * source.lognormvariate(0, 0.05) for _ in range(100_000))
    blob = encode_values(values)
    rows["encode 100,000 values"] = timed(lambda: encode_values(values))
    rows["decode 100,000 values"] = timed(lambda: decode_values(blob))
    for name, milliseconds in rows.items():
        print(f"{name:42} {milliseconds:10.2f} ms")
    print(f"{f'file, a measurement of {ROUNDS} values':42} {size:10.0f} B")
    print(f"{'blob, a value':42} {len(blob) / len(values):10.2f} B")


if __name__ == "__main__":
    main()
