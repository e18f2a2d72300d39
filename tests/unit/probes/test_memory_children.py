from __future__ import annotations

import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from paceline.probes import children as module
from paceline.probes.children import ChildrenWindow
from paceline.probes.memory import Wanted, Watch

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024**2
CHILD = f"held = bytearray(b'x') * {64 * MIB}; print(open('/proc/self/status').read())"


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    process(tmp_path, os.getpid(), parent=1, command="us")
    return tmp_path


def process(  # noqa: PLR0913
    proc: Path, number: int, *, parent: int, command: str = "them", peak: int = 0, share: int = 0
) -> None:
    folder = proc / str(number)
    folder.mkdir(exist_ok=True)
    (folder / "stat").write_text(f"{number} (a ) b) S {parent} 0 0", "utf-8")
    (folder / "cmdline").write_text(command, "utf-8")
    (folder / "status").write_text(f"Name: x\nVmHWM:\t{peak} kB\nVmRSS:\t{peak} kB\n", "utf-8")
    (folder / "smaps_rollup").write_text(f"Rss: 9 kB\nPss:\t{share} kB\n", "utf-8")


def test_peaks_of_children_and_their_children_add_up(proc: Path) -> None:
    window = ChildrenWindow(folder=proc)
    process(proc, 90001, parent=os.getpid(), peak=1024)
    process(proc, 90002, parent=90001, peak=512)
    process(proc, 90003, parent=1, peak=9999)
    assert window.close(1e12).bytes == 1536 * 1024


def test_the_most_that_was_seen_at_once_counts(proc: Path) -> None:
    window = ChildrenWindow(folder=proc)
    process(proc, 90001, parent=os.getpid(), peak=1024)
    window.look()
    process(proc, 90001, parent=1, peak=0)
    (proc / "90001" / "stat").unlink()
    assert window.close(1e12).bytes == 1024 * 1024


def test_children_that_lived_before_do_not_count_unless_known(proc: Path) -> None:
    process(proc, 90001, parent=os.getpid(), peak=1024)
    process(proc, 90002, parent=os.getpid(), peak=2048)
    assert ChildrenWindow(folder=proc).close(1e12).bytes == 0
    assert ChildrenWindow([90002], folder=proc).close(1e12).bytes == 2048 * 1024


def test_a_forked_child_counts_by_its_share_from_the_second_look_on(proc: Path) -> None:
    window = ChildrenWindow(folder=proc)
    process(proc, 90001, parent=os.getpid(), command="us", peak=9999, share=100)
    window.look()
    assert window.close(1e12).bytes == 100 * 1024


def test_a_forked_child_that_runs_another_program_counts_in_full(proc: Path) -> None:
    window = ChildrenWindow(folder=proc)
    process(proc, 90001, parent=os.getpid(), command="us", peak=9999, share=100)
    window.look()
    process(proc, 90001, parent=os.getpid(), command="them", peak=300, share=100)
    assert window.close(1e12).bytes == 300 * 1024


@pytest.mark.parametrize(("own", "expected"), [(100.0 * MIB, 0.0), (10.0 * MIB, 60.0 * MIB)])
def test_a_finished_childs_mark_counts_only_above_our_own(
    proc: Path, monkeypatch: pytest.MonkeyPatch, own: float, expected: float
) -> None:
    window = ChildrenWindow(folder=proc)
    monkeypatch.setattr(module, "_finished_peak", lambda: 60.0 * MIB)
    window._finished = 0.0
    assert window.close(own).bytes == expected


def test_without_the_kernels_files_children_are_unsure(tmp_path: Path) -> None:
    assert "does not tell" in ChildrenWindow(folder=tmp_path / "none").close(1e12).unsure


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's files")
@pytest.mark.slow
def test_another_programs_peak_is_within_15_percent() -> None:
    watch = Watch(Wanted(python=False)).open()
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, check=True)
    found = watch.close().children_peak
    truth = int(done.stdout.split(b"VmHWM:")[1].split()[0]) * 1024
    assert found == pytest.approx(truth, rel=0.15)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's files")
@pytest.mark.slow
def test_a_tiny_program_is_not_charged_with_our_own_memory() -> None:
    held = bytearray(b"x") * (200 * MIB)
    watch = Watch(Wanted(python=False)).open()
    subprocess.run(["/bin/true"], check=True)
    assert watch.close().children_peak < 50 * MIB
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 >= len(held) * 0.9
