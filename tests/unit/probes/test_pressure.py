from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from paceline.probes.pressure import Load, Pressure

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024**2
GIB = 1024 * MIB


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        file = root / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "ascii")


def meminfo(available: int) -> str:
    return f"MemTotal: {4 * GIB // 1024} kB\nMemAvailable: {available // 1024} kB\n"


def pressure(root: Path, **files: str) -> Pressure:
    write(root, **({"proc__meminfo": meminfo(3 * GIB)} | files))
    return Pressure(proc=str(root / "proc"), cgroup=str(root / "cg"))


def test_memory_that_is_left_is_no_pressure(tmp_path: Path) -> None:
    assert pressure(tmp_path).look() == ""


def test_little_memory_left_on_the_machine_is_said(tmp_path: Path) -> None:
    looks = pressure(tmp_path)
    looks.look()
    write(tmp_path, proc__meminfo=meminfo(180 * MIB))
    assert looks.look() == "memory: 180.0 MiB left of 4.000 GiB"
    looks.close()


def test_the_reserve_can_be_set(tmp_path: Path) -> None:
    write(tmp_path, proc__meminfo=meminfo(180 * MIB))
    proc, cgroup = str(tmp_path / "proc"), str(tmp_path / "cg")
    assert Pressure(proc=proc, cgroup=cgroup, reserve=100 * MIB).look() == ""
    assert Pressure(proc=proc, cgroup=cgroup, reserve=200 * MIB).look() != ""


V2 = {"cg__memory_dot_max": str(GIB), "cg__memory_dot_current": str(1000 * MIB)}
V1 = {
    "cg__memory__memory_dot_limit_in_bytes": str(GIB),
    "cg__memory__memory_dot_usage_in_bytes": str(1000 * MIB),
}


@pytest.mark.parametrize("files", [V2, V1])
def test_little_left_in_the_group_is_said(tmp_path: Path, files: dict[str, str]) -> None:
    assert pressure(tmp_path, **files).look() == "memory: 24.00 MiB left of 1.000 GiB"


@pytest.mark.parametrize(
    ("files", "stat"),
    [(V2, "cg__memory_dot_stat"), (V1, "cg__memory__memory_dot_stat")],
)
def test_what_the_kernel_can_drop_is_left(tmp_path: Path, files: dict[str, str], stat: str) -> None:
    dropped = f"x 1\ninactive_file {500 * MIB}\ntotal_inactive_file {500 * MIB}\n"
    assert pressure(tmp_path, **files, **{stat: dropped}).look() == ""


@pytest.mark.parametrize("limit", ["max", "9223372036854771712"])
def test_a_group_without_a_limit_is_not_asked(tmp_path: Path, limit: str) -> None:
    assert pressure(tmp_path, **(V2 | {"cg__memory_dot_max": limit})).look() == ""


def test_a_group_whose_use_can_t_be_read_limits_nothing(tmp_path: Path) -> None:
    assert pressure(tmp_path, cg__memory_dot_max=str(GIB)).look() == ""


@pytest.mark.parametrize("name", ["proc__pressure__memory", "cg__memory_dot_pressure"])
def test_waiting_for_memory_is_said(tmp_path: Path, name: str) -> None:
    stalls = "some avg10=12.50 avg60=1.00 avg300=0.00 total=1\nfull avg10=0.00\n"
    (tmp_path / "cg").mkdir()
    said = pressure(tmp_path, **{name: stalls}).look()
    assert said == "memory: something waited for it in 12 % of the last 10 s"


def test_each_time_the_soft_limit_is_passed_is_said_once(tmp_path: Path) -> None:
    looks = pressure(tmp_path, cg__memory_dot_events="low 0\nhigh 3\nmax 0\n")
    assert looks.look() == ""
    write(tmp_path, cg__memory_dot_events="low 0\nhigh 4\nmax 0\n")
    assert "soft limit" in looks.look()
    assert looks.look() == ""


@pytest.mark.parametrize(
    ("files", "kills"),
    [
        ({}, 0),
        ({"cg__memory_dot_events": "oom 3\noom_kill 2\noom_group_kill 0\n"}, 2),
        ({"cg__memory__memory_dot_oom_control": "under_oom 0\noom_kill 4\n"}, 4),
        ({"proc__vmstat": "nr_free_pages 5\n" * 600 + "oom_kill 7\n"}, 7),
        ({"cg__memory_dot_events": "oom 3\n", "proc__vmstat": "oom_kill 7\n"}, 7),
    ],
)
def test_kills_for_want_of_memory_are_counted(
    tmp_path: Path, files: dict[str, str], kills: int
) -> None:
    (tmp_path / "cg").mkdir()
    assert pressure(tmp_path, **files).oom_kills() == kills


def test_a_machine_that_tells_nothing_is_under_no_pressure(tmp_path: Path) -> None:
    looks = Pressure(proc=str(tmp_path), cgroup=str(tmp_path))
    assert (looks.look(), looks.oom_kills()) == ("", 0)


def test_the_real_machine_can_be_looked_at() -> None:
    looks = Pressure()
    assert looks.look() == "" or looks.look().startswith("memory: ")
    assert looks.oom_kills() >= 0
    looks.close()


def load(root: Path, user: int, idle: int, own: int, child: int = 0) -> None:
    stat = f"cpu {user} 0 0 {idle} 0 0 0 0 99 0\ncpu0 1\n"
    process = f"5 (a b) c) R 1 5 5 0 -1 4 0 0 0 0 {own} 0 {child} 0 20 0 1\n"
    write(root, proc__stat=stat, proc__5__stat=process)


def test_what_others_use_is_told_from_what_is_ours(tmp_path: Path) -> None:
    load(tmp_path, 1000, 1000, 500)
    looks = Load(proc=str(tmp_path / "proc"))
    assert looks.look([5]) is None
    load(tmp_path, 1000 + 6000, 1000 + 4000, 500 + 1500, 500)
    busy = looks.look([5])
    assert busy is not None
    assert busy.whole == pytest.approx(0.6)
    assert busy.others == pytest.approx(0.4)
    looks.close()


def test_looks_that_follow_quickly_give_the_same_answer(tmp_path: Path) -> None:
    load(tmp_path, 1000, 1000, 500)
    looks = Load(proc=str(tmp_path / "proc"))
    looks.look([5])
    load(tmp_path, 9000, 9000, 500)
    first = looks.look([5])
    load(tmp_path, 9001, 9000, 500)
    assert first is not None
    assert looks.look([5]) is first


def test_a_process_that_is_new_was_started_since(tmp_path: Path) -> None:
    load(tmp_path, 1000, 1000, 500)
    looks = Load(proc=str(tmp_path / "proc"))
    looks.look([])
    load(tmp_path, 1000 + 5000, 1000 + 5000, 3000)
    busy = looks.look([5, 6])
    assert busy is not None
    assert busy.others == pytest.approx(0.2)


def test_a_machine_without_counts_has_no_known_load(tmp_path: Path) -> None:
    looks = Load(proc=str(tmp_path))
    assert looks.look([1]) is looks.look([1]) is None


def test_the_real_load_is_a_share() -> None:
    looks = Load()
    looks._processors = 0
    looks.look([os.getpid()])
    busy = looks.look([os.getpid()])
    assert busy is None or 0 <= busy.others <= busy.whole <= 1
    looks.close()
