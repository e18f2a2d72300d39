"""Tools that read pytest-benchmark's JSON read ours: the same figures from the same values.

Each reader takes what the public tool of its name is documented to take, and no more.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from paceline.model import METRICS, Case, Measurement
from paceline.store.dropin.writing import document, dumps, entry

PEER = Path(__file__).parents[2] / "fixtures" / "dropin" / "peer-5.3.1-data.json"
Reading = dict[str, tuple[Any, ...]]


def github_action_benchmark(whole: dict[str, Any]) -> Reading:
    """Take operations per second with a range, and mean and rounds for its "extra" line."""
    found = {}
    for one in whole["benchmarks"]:
        stats = one["stats"]
        ops, stddev, mean, rounds = (stats[key] for key in ("ops", "stddev", "mean", "rounds"))
        extra = f"mean: {mean * 1e6:.6f} usec\nrounds: {rounds}"
        found[one["fullname"]] = (f"{ops:.6f}", "iter/sec", f"stddev: {stddev:.12f}", extra)
    return found


def bencher(whole: dict[str, Any]) -> Reading:
    """Take latency in nanoseconds: the mean, and one stddev to either side of it."""
    found = {}
    for one in whole["benchmarks"]:
        mean, spread = one["stats"]["mean"] * 1e9, one["stats"]["stddev"] * 1e9
        figures = (mean, mean - spread, mean + spread)
        found[one["fullname"]] = tuple(f"{figure:.3f}" for figure in figures)
    return found


def asv(whole: dict[str, Any]) -> Reading:
    """Take a result a benchmark, its quartiles as the interval, its counts, its parameters."""
    found = {}
    for one in whole["benchmarks"]:
        stats = one["stats"]
        figures = tuple(f"{stats[key]:.12f}" for key in ("median", "q1", "q3", "min", "max"))
        samples = tuple(stats["data"])
        names = tuple(sorted(one["params"] or {}))
        counts = (stats["rounds"], stats["iterations"])
        found[one["fullname"]] = (*figures, *counts, samples, names, whole["commit_info"]["id"])
    return found


def ours(theirs: dict[str, Any]) -> dict[str, Any]:
    """Write their raw values as our own measurements, through everything that we compute."""
    entries = []
    for one in theirs["benchmarks"]:
        stats = one["stats"]
        measurement = Measurement(
            Case(one["fullname"]),
            METRICS["wall_time"],
            tuple(stats["data"]),
            iterations=stats["iterations"],
        )
        names = ("name", "fullname", "group", "param", "params", "extra_info", "options")
        entries.append(entry(measurement, **{key: one[key] for key in names}, include_data=True))
    whole = document(
        entries,
        machine_info=theirs["machine_info"],
        commit_info=theirs["commit_info"],
        started=dt.datetime.now(dt.UTC),
        version="5.3.1",
    )
    return dict(json.loads(dumps(whole)))


@pytest.mark.parametrize("read", [github_action_benchmark, bencher, asv])
def test_a_tool_reads_the_same_from_ours_as_from_the_peers(read: Any) -> None:
    theirs = json.loads(PEER.read_text(encoding="utf-8"))
    assert read(ours(theirs)) == read(theirs)
    assert len(read(theirs)) == 3
