import math
from pathlib import Path

import pytest

from paceline.guard.machine import Machine
from paceline.probes.machine import conditions, numbers, observe_machine, siblings_of

CPU = "sys/devices/system/cpu"
BARE_METAL = {
    f"{CPU}/online": "0-3\n",
    f"{CPU}/isolated": "2-3\n",
    f"{CPU}/cpu0/cpufreq/scaling_governor": "performance\n",
    f"{CPU}/cpu1/cpufreq/scaling_governor": "powersave\n",
    f"{CPU}/intel_pstate/no_turbo": "0\n",
    f"{CPU}/cpu0/topology/thread_siblings_list": "0,2\n",
    f"{CPU}/cpu1/topology/thread_siblings_list": "1,3\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
    "proc/cpuinfo": "processor : 0\nflags\t\t: fpu tsc sse\n",
    "proc/loadavg": "0.42 0.30 0.20 1/99 4711\n",
    "proc/sys/kernel/randomize_va_space": "2\n",
    "proc/self/personality": "00000000\n",
    "proc/self/status": "Name: python\nTracerPid:\t0\n",
}


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def seen(root: Path, **files: str) -> Machine:
    named = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    return observe_machine({}, root=tree(root, {**BARE_METAL, **named}), processors=lambda: (0, 1))


def test_bare_metal_tells_what_it_is(tmp_path: Path) -> None:
    found = seen(tmp_path)
    assert found.governors == ("performance", "powersave")
    assert (found.turbo, found.virtual, found.randomised) == (True, False, 2)
    assert (found.online, found.isolated, found.allowed) == ((0, 1, 2, 3), (2, 3), (0, 1))
    assert (found.siblings, found.load, found.clock) == ((2, 3), 0.42, "tsc")
    assert found.quota is None
    assert found.resolution > 0


def test_a_bare_tree_tells_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    found = observe_machine({}, root=tmp_path, processors=tuple)
    unknown = (found.turbo, found.virtual, found.isolated, found.siblings, found.quota, found.load)
    assert unknown == (None,) * 6
    assert (found.governors, found.clock, found.randomised) == ((), "", None)


@pytest.mark.parametrize("text", ["", "rubbish", "1e99x 2"])
def test_rubbish_in_the_tree_is_no_fact(tmp_path: Path, text: str) -> None:
    names = (*BARE_METAL, "proc/self/cgroup", "sys/fs/cgroup/cpu.max")
    root = tree(tmp_path, dict.fromkeys(names, text))
    found = observe_machine({}, root=root, processors=lambda: (0, 1))
    assert (found.turbo, found.load, found.quota, found.randomised) == (None,) * 4


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"sys/fs/cgroup/cpu.max": "max 100000"}, math.inf),
        ({"sys/fs/cgroup/cpu.max": "150000 100000"}, 1.5),
        ({"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1"}, math.inf),
        (
            {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000",
             "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, 0.5,
        ),
        (
            {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "200000 100000",
             "sys/fs/cgroup/a/b/cpu.max": "max 100000"}, 2.0,
        ),
        (
            {"proc/self/cgroup": "3:cpu,cpuacct:/job\n1:pids:/job\n",
             "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "300000",
             "sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "100000"}, 3.0,
        ),
    ],
)  # fmt: skip
def test_the_tightest_limit_of_a_container_counts(
    tmp_path: Path, files: dict[str, str], quota: float
) -> None:
    assert observe_machine({}, root=tree(tmp_path, files), processors=tuple).quota == quota


@pytest.mark.parametrize(("boost", "turbo"), [("1", True), ("0", False)])
def test_turbo_is_read_where_amd_keeps_it(tmp_path: Path, boost: str, turbo: object) -> None:
    root = tree(tmp_path, {f"{CPU}/cpufreq/boost": boost})
    assert observe_machine({}, root=root, processors=tuple).turbo is turbo


def test_a_process_exempt_from_randomisation_is_not_randomised(tmp_path: Path) -> None:
    assert seen(tmp_path, proc__self__personality="00040000").randomised == 0


def test_a_debugger_and_a_fixed_hash_seed_are_noticed(tmp_path: Path) -> None:
    root = tree(tmp_path, {"proc/self/status": "TracerPid:\t4711\n"})
    found = observe_machine({"PYTHONHASHSEED": "7"}, root=root, processors=tuple)
    assert any("debugger" in one for one in found.watchers)
    assert found.hash_seed == "7"


def test_a_processor_is_no_sibling_of_its_own(tmp_path: Path) -> None:
    root = tree(tmp_path, BARE_METAL)
    assert siblings_of(0, root=root) == (2,)
    assert siblings_of(9, root=root) is None


@pytest.mark.parametrize(
    ("text", "found"), [("0-2,7", (0, 1, 2, 7)), ("4", (4,)), ("", ()), ("a-b", None), (None, None)]
)
def test_lists_of_processors_are_read(text: str | None, found: object) -> None:
    assert numbers(text) == found


def test_what_travels_with_a_run_holds_what_is_known_and_nothing_else(tmp_path: Path) -> None:
    told = dict(conditions(seen(tmp_path)))
    assert told["host governor"] == "performance, powersave"
    assert (told["host turbo"], told["host virtual"], told["host isolated"]) == (
        "on",
        "off",
        "2, 3",
    )
    assert conditions(Machine()) == ()
