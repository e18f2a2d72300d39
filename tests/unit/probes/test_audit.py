from __future__ import annotations

import json
import subprocess
import sys

import pytest

from paceline.probes.audit import AUDITED, UNHEARD, Audit

EVENTS = [
    ("open", "test_files_opened"),
    ("socket.connect", "test_connections"),
    ("socket.getaddrinfo", "test_lookups"),
    ("os.system", "test_subprocesses"),
    ("sqlite3.connect", "test_databases"),
    ("time.sleep", "test_sleeps"),
]


def named(counts: tuple[int, ...]) -> dict[str, int]:
    return {metric.name: one for metric, one in zip(AUDITED, counts, strict=True) if one}


@pytest.mark.parametrize(("event", "metric"), EVENTS)
def test_each_event_counts_for_its_metric(event: str, metric: str) -> None:
    counts = Audit()
    counts.start()
    counts.heard(event, ())
    counts.heard("import", ())
    assert named(counts.finish()) == {metric: 1}


def test_nothing_is_counted_while_no_count_is_open() -> None:
    counts = Audit()
    counts.heard("open", ())
    assert counts.finish() == ()
    counts.start()
    assert named(counts.finish()) == {}


CODE = """
import os, sqlite3, subprocess, sys, time
from paceline.probes.audit import audit
counts = audit()
assert audit() is counts
counts.start()
open(os.devnull).close()
time.sleep(0)
sqlite3.connect(":memory:").close()
subprocess.run(["true"])
print(list(counts.finish()))
"""


@pytest.mark.slow
def test_the_hook_hears_the_interpreter() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], text=True, capture_output=True, check=True)
    opened, *rest = json.loads(done.stdout)
    assert opened >= 1
    assert rest == [0, 0, 1, 1, 0 if UNHEARD else 1]
