"""Machine: read what bears on figures from /proc and /sys, the interpreter and the environment.

Paths: admin-guide/pm/cpufreq, admin-guide/cgroup-v1 and -v2, admin-guide/sysctl/kernel and
ABI/testing/sysfs-devices-system-cpu of the Linux kernel's documentation.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.guard.machine import Machine
from paceline.probes.benchmark import observers
from paceline.probes.clock import clock_of
from paceline.probes.processor import allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["conditions", "numbers", "observe_machine", "siblings_of"]

_CPU = "sys/devices/system/cpu"
_CLOCK = "sys/devices/system/clocksource/clocksource0/current_clocksource"
_FIXED_LAYOUT = 0x0040000  # ADDR_NO_RANDOMIZE, personality(2)


def observe_machine(
    environment: Mapping[str, str],
    *,
    root: Path = Path("/"),
    processors: Callable[[], tuple[int, ...]] = allowed,
) -> Machine:
    """Read the facts below ``root``; what can't be read stays unknown."""
    usable = processors()
    return Machine(
        governors=_governors(root),
        turbo=_turbo(root),
        virtual=_virtual(root),
        online=numbers(_text(root / _CPU / "online")) or (),
        isolated=numbers(_text(root / _CPU / "isolated")),
        allowed=usable,
        siblings=_siblings(root, usable),
        quota=_quota(root),
        load=_load(root),
        clock=_text(root / _CLOCK) or "",
        resolution=clock_of().resolution,
        randomised=_randomised(root),
        hash_seed=environment.get("PYTHONHASHSEED", ""),
        debug=hasattr(sys, "gettotalrefcount"),
        watchers=tuple(_watchers(root)),
    )


def conditions(machine: Machine) -> tuple[tuple[str, str], ...]:
    """Give the facts that travel with a run, as pairs of text; those not known are left out."""
    told = {
        "governor": ", ".join(machine.governors),
        "turbo": _switch(machine.turbo),
        "virtual": _switch(machine.virtual),
        "isolated": ", ".join(map(str, machine.isolated or ())),
        "quota": "" if machine.quota is None else f"{machine.quota:g}",
        "siblings": _switch(None if machine.siblings is None else bool(machine.siblings)),
        "load": "" if machine.load is None else f"{machine.load:.2f}",
        "clock": machine.clock,
        "randomised": "" if machine.randomised is None else str(machine.randomised),
        "hash seed": machine.hash_seed,
        "watched by": ", ".join(machine.watchers),
    }
    return tuple((f"host {name}", said) for name, said in told.items() if said)


def siblings_of(processor: int, *, root: Path = Path("/")) -> tuple[int, ...] | None:
    """List the processors that share a core with one, itself left out; None if not told."""
    place = root / _CPU / f"cpu{processor}" / "topology" / "thread_siblings_list"
    found = numbers(_text(place))
    return None if found is None else tuple(one for one in found if one != processor)


def numbers(text: str | None) -> tuple[int, ...] | None:
    """Read a list of processors as the kernel writes it, ``0-3,8``; None for what is none."""
    if text is None:
        return None
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            return () if not text.strip() else None
        found += range(int(first), int(last or first) + 1)
    return tuple(found)


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def _number(text: str | None, *, whole: int = 10) -> int | None:
    try:
        return None if text is None else int(text, whole)
    except ValueError:
        return None


def _governors(root: Path) -> tuple[str, ...]:
    files = sorted((root / _CPU).glob("cpu[0-9]*/cpufreq/scaling_governor"))
    return tuple(sorted({text for file in files if (text := _text(file))}))


def _turbo(root: Path) -> bool | None:
    off = _number(_text(root / _CPU / "intel_pstate" / "no_turbo"))
    if off is not None:
        return not off
    boost = _number(_text(root / _CPU / "cpufreq" / "boost"))
    return None if boost is None else bool(boost)


def _virtual(root: Path) -> bool | None:
    text = _text(root / "proc/cpuinfo")
    flags = [line for line in (text or "").splitlines() if line.startswith("flags")]
    return "hypervisor" in flags[0].split() if flags else None


def _siblings(root: Path, usable: tuple[int, ...]) -> tuple[int, ...] | None:
    found: set[int] = set()
    for processor in usable:
        siblings = siblings_of(processor, root=root)
        if siblings is None:
            return None
        found |= set(siblings)
    return tuple(sorted(found)) if usable else None


def _quota(root: Path) -> float | None:
    """Find the tightest limit on the way from this process's group up to the root."""
    groups = dict(_groups(root))
    limits = [
        limit
        for folder, group in groups.items()
        for place in (Path(group), *Path(group).parents)
        if (limit := _limit(root / folder / str(place).strip("/"))) is not None
    ]
    return min(limits, default=None)


def _groups(root: Path) -> Iterator[tuple[str, str]]:
    """Give the folder of each hierarchy that limits processors, and this process's group there."""
    yield "sys/fs/cgroup", "/"
    yield "sys/fs/cgroup/cpu", "/"
    for line in (_text(root / "proc/self/cgroup") or "").splitlines():
        _, names, group = (*line.split(":", 2), "", "")[:3]
        if not names:
            yield "sys/fs/cgroup", group
        elif "cpu" in names.split(","):
            yield "sys/fs/cgroup/cpu", group


def _limit(folder: Path) -> float | None:
    """Read the limit of one group in processors: version 2 in one file, version 1 in two."""
    said = _text(folder / "cpu.max")
    if said is not None:
        allowance, _, period = said.partition(" ")
        if allowance == "max":
            return math.inf
        return _processors(_number(allowance), _number(period))
    quota = _number(_text(folder / "cpu.cfs_quota_us"))
    if quota is not None and quota < 0:
        return math.inf
    return _processors(quota, _number(_text(folder / "cpu.cfs_period_us")))


def _processors(quota: int | None, period: int | None) -> float | None:
    return quota / period if quota and period else None


def _load(root: Path) -> float | None:
    words = (_text(root / "proc/loadavg") or "").split()
    try:
        return float(words[0])
    except (IndexError, ValueError):
        return None


def _randomised(root: Path) -> int | None:
    own = _number(_text(root / "proc/self/personality"), whole=16)
    if own is not None and own & _FIXED_LAYOUT:
        return 0
    return _number(_text(root / "proc/sys/kernel/randomize_va_space"))


def _watchers(root: Path) -> Iterator[str]:
    yield from observers()
    for line in (_text(root / "proc/self/status") or "").splitlines():
        name, _, said = line.partition(":")
        if name == "TracerPid" and said.strip() != "0":
            yield "a debugger (another process traces this one)"
    if sys.flags.dev_mode:
        yield "the interpreter's development mode"


def _switch(value: bool | None) -> str:  # noqa: FBT001  (what it says)
    return "" if value is None else "on" if value else "off"
