from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from paceline.probes import capacity
from paceline.probes.capacity import Observed, observe_capacity

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1024**3
MEMINFO = "MemTotal: 16777216 kB\nMemFree: 1 kB\nMemAvailable: 8388608 kB\n"
UNLIMITED = "9223372036854771712\n"


def observed(root: Path, files: dict[str, str], *, processors: int = 8) -> Observed:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "ascii")
    return observe_capacity(
        proc=str(root / "proc"),
        cgroup=str(root / "cg"),
        processors=lambda: processors,
        physical=lambda: 0,
    )


def test_without_limits_the_machine_counts(tmp_path: Path) -> None:
    found = observed(tmp_path, {"proc/meminfo": MEMINFO})
    assert found == Observed(8.0, 8 * GIB, 16 * GIB, "8 processors allowed; 16.00 GiB of memory")


@pytest.mark.parametrize(
    ("limits", "cores"),
    [
        ({"cpu.max": "150000 100000"}, 1.5),
        ({"cpu.max": "max 100000"}, 8.0),
        ({"a/cpu.max": "400000 100000", "a/b/cpu.max": "max 100000"}, 4.0),
        ({"a/cpu.max": "400000 100000", "a/b/cpu.max": "50000 100000"}, 0.5),
        ({"a/cpu.max": "400000", "a/b/cpu.max": "0 100000"}, 8.0),
        ({"a/other/cpu.max": "100000 100000"}, 8.0),
        ({"cpu/a/b/cpu.cfs_quota_us": "300000", "cpu/a/b/cpu.cfs_period_us": "100000"}, 3.0),
        ({"cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000"}, 2.0),
        ({"cpu/a/b/cpu.cfs_quota_us": "-1", "cpu/a/b/cpu.cfs_period_us": "100000"}, 8.0),
        ({"unified/a/cpu.max": "200000 100000"}, 2.0),
    ],
)
def test_the_tightest_quota_of_nested_groups_counts(
    tmp_path: Path, limits: dict[str, str], cores: float
) -> None:
    files = {f"cg/{name}": text for name, text in limits.items()}
    files["proc/self/cgroup"] = "4:cpu,cpuacct:/a/b\n0::/a/b\n"
    found = observed(tmp_path, files)
    assert found.cores == cores
    assert ("a quota of" in found.because) == (cores < 8)


@pytest.mark.parametrize(
    ("limits", "total", "memory"),
    [
        ({"memory.max": f"{4 * GIB}", "memory.current": f"{GIB}"}, 4, 3),
        ({"memory.max": "max", "memory.current": f"{GIB}"}, 16, 8),
        ({"memory.max": "max", "memory.high": f"{2 * GIB}", "memory.current": "0"}, 2, 2),
        ({"memory.max": f"{2 * GIB}", "memory.current": f"{3 * GIB}"}, 2, 0),
        ({"memory.max": f"{64 * GIB}", "memory.current": "0"}, 16, 8),
        ({"memory.max": f"{4 * GIB}"}, 4, 4),
        (
            {
                "memory.max": f"{4 * GIB}",
                "memory.current": f"{3 * GIB}",
                "memory.stat": f"active_file 7\ninactive_file {2 * GIB}\n",
            },
            4,
            3,
        ),
    ],
)
def test_a_limit_of_memory_leaves_what_is_not_used_or_can_be_dropped(
    tmp_path: Path, limits: dict[str, str], total: int, memory: int
) -> None:
    files = {f"cg/own/{name}": text for name, text in limits.items()}
    files |= {"proc/self/cgroup": "0::/own\n", "proc/meminfo": MEMINFO}
    found = observed(tmp_path, files)
    assert (found.total, found.memory) == (total * GIB, memory * GIB)


def test_an_outer_group_of_version_one_limits_memory(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "3:memory:/outer/inner\n",
        "proc/meminfo": MEMINFO,
        "cg/memory/outer/memory.limit_in_bytes": f"{3 * GIB}\n",
        "cg/memory/outer/memory.usage_in_bytes": f"{2 * GIB}\n",
        "cg/memory/outer/memory.stat": f"total_inactive_file {GIB}\n",
        "cg/memory/outer/inner/memory.limit_in_bytes": UNLIMITED,
    }
    found = observed(tmp_path, files)
    assert (found.total, found.memory) == (3 * GIB, 2 * GIB)
    assert "3.000 GiB of memory by a limit" in found.because


def test_a_container_may_see_its_own_group_as_the_root(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/../elsewhere\n", "cg/cpu.max": "100000 100000"}
    assert observed(tmp_path, files).cores == 1.0


def test_a_limit_is_enough_where_the_machine_tells_no_memory(tmp_path: Path) -> None:
    found = observed(tmp_path, {"cg/memory.max": str(GIB), "cg/memory.current": "0"})
    assert (found.total, found.memory) == (GIB, GIB)


def test_what_nobody_tells_is_said(tmp_path: Path) -> None:
    found = observed(tmp_path, {}, processors=1)
    assert found == Observed(1.0, 0, 0, "1 processor allowed; memory unknown")


def test_other_systems_are_asked_for_their_memory() -> None:
    found = observe_capacity(proc="/nowhere", cgroup="/nowhere", physical=lambda: 2 * GIB)
    assert found.total == found.memory == 2 * GIB
    assert found.cores >= 1


def test_the_interpreter_s_own_count_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "process_cpu_count", lambda: 3, raising=False)
    assert capacity._processors() == 3
    monkeypatch.delattr(os, "process_cpu_count")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 5}, raising=False)
    assert capacity._processors() == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert capacity._processors() == 1


def test_a_system_without_sysconf_tells_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert capacity._physical() > 0
    monkeypatch.delattr(os, "sysconf")
    assert capacity._physical() == 0
