"""A vacuum that is interrupted in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from paceline.model import METRICS, Case, Host, Measurement, Run, RunId
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

WAITING = """
import signal, sys
from paceline.cli import main
from paceline.store import retention

def wait(*given):
    print("removed, not committed", flush=True)
    signal.pause()

signal.signal(signal.SIGINT, signal.default_int_handler)
retention._drop_raw_values = wait
sys.exit(main(["vacuum", "--keep-runs", "1"]))
"""


@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_an_interrupted_vacuum_has_removed_nothing(
    tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    store = Store(tmp_path / ".paceline" / "paceline.sqlite", clock=lambda: 9.0)
    one = Measurement(Case("a.py::test_one"), METRICS["wall_time"], (1.0, 2.0))
    for name in "abc":
        run = Run(RunId(name), float(ord(name)), Host("E", 2, 1, "Linux", "CPython 3.11.7"))
        store.begin(run)
        store.append(run.id, [one])
        store.finish(run)
    (tmp_path / "pyproject.toml").write_text("[tool.paceline]\n")
    command = [sys.executable, "-c", WAITING]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "removed, not committed\n"
        process.send_signal(sent)
    assert (process.returncode, len(store.runs()), store.check()) == (status, 3, ())
