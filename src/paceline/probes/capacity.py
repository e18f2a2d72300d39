"""Capacity: the processors and the memory that this process may use.

Paths: admin-guide/cgroup-v1 and -v2 and filesystems/proc of the Linux kernel's documentation.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paceline import units
from paceline.suite.workers import Capacity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Groups", "Observed", "number_in", "observe_capacity", "text_of_file"]

_KIB = 1024


@dataclass(frozen=True, slots=True)
class Observed(Capacity):
    """What was found; ``because`` says in words what limits it."""

    because: str = ""


@dataclass(frozen=True, slots=True)
class Groups:
    """The control groups of this process, each from its own up to the root of the hierarchy.

    ``unified`` are folders of version 2; ``memory`` and ``processor`` are those of version 1.
    """

    unified: tuple[Path, ...]
    memory: tuple[Path, ...]
    processor: tuple[Path, ...]

    @classmethod
    def observe(cls, *, proc: str = "/proc", cgroup: str = "/sys/fs/cgroup") -> Groups:
        """Find the folders that are there: a container may see its own group as the root."""
        root = Path(cgroup)
        own = {"": "/", "memory": "/", "cpu": "/"}
        for line in text_of_file(Path(proc, "self", "cgroup")).splitlines():
            _, names, group = (*line.split(":", 2), "", "")[:3]
            own |= {name: group for name in names.split(",") if name in own}
        return cls(
            unified=(*_upwards(root, own[""]), *_upwards(root / "unified", own[""])),
            memory=_upwards(root / "memory", own["memory"]),
            processor=_upwards(root / "cpu", own["cpu"]),
        )


def observe_capacity(
    *,
    proc: str = "/proc",
    cgroup: str = "/sys/fs/cgroup",
    processors: Callable[[], int] | None = None,
    physical: Callable[[], int] | None = None,
) -> Observed:
    """Read what is allowed and what is at hand; the tightest of nested limits counts.

    ``processors`` counts those that this process may use, ``physical`` the bytes of the machine.
    """
    groups = Groups.observe(proc=proc, cgroup=cgroup)
    allowed = (processors or _processors)()
    quota = min(_quotas(groups), default=math.inf)
    machine = number_in(text_of_file(Path(proc, "meminfo")), "MemTotal:") * _KIB
    machine = machine or (physical or _physical)()
    at_hand = number_in(text_of_file(Path(proc, "meminfo")), "MemAvailable:") * _KIB or machine
    total, memory = machine, at_hand
    for limit, used in _limits(groups):
        if machine == 0 or limit < machine:
            total = min(total or limit, limit)
            memory = max(0, min(memory or limit, limit - used))
    return Observed(
        cores=min(float(allowed), quota),
        memory=memory,
        total=total,
        because=_because(allowed, quota, total, limited=total < machine or not machine),
    )


def text_of_file(file: Path) -> str:
    """Read one of the kernel's files, "" where it can't be read."""
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


def number_in(text: str, name: str) -> int:
    """Find the whole number after a name at the start of a line, 0 without one."""
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == name and words[1].isdecimal():
            return int(words[1])
    return 0


def _upwards(root: Path, group: str) -> tuple[Path, ...]:
    """List a group's folder and those above it; one outside of what is mounted is the root."""
    inside = "/" if ".." in Path(group).parts else group
    own = root / inside.strip("/")
    folders = (own, *own.parents)
    return tuple(one for one in folders if one.is_relative_to(root) and one.is_dir())


def _quotas(groups: Groups) -> Iterator[float]:
    """Give the processors that each group's quota allows."""
    for folder in groups.unified:
        words = text_of_file(folder / "cpu.max").split()
        yield from _share(*words[:2]) if len(words) > 1 else ()
    for folder in groups.processor:
        quota = text_of_file(folder / "cpu.cfs_quota_us").strip()
        yield from _share(quota, text_of_file(folder / "cpu.cfs_period_us").strip())


def _share(quota: str, period: str) -> Iterator[float]:
    """Give quota over period; nothing for "max", -1 and what is no number."""
    if quota.isdecimal() and period.isdecimal() and int(quota) and int(period):
        yield int(quota) / int(period)


def _limits(groups: Groups) -> Iterator[tuple[int, int]]:
    """Give each group's limit and what it uses, less the pages that the kernel can drop."""
    for folder in groups.unified:
        for name in ("memory.max", "memory.high"):
            limit = text_of_file(folder / name).strip()
            if limit.isdecimal():
                dropped = number_in(text_of_file(folder / "memory.stat"), "inactive_file")
                yield int(limit), max(0, _whole(folder / "memory.current") - dropped)
    for folder in groups.memory:
        limit = text_of_file(folder / "memory.limit_in_bytes").strip()
        if limit.isdecimal():
            dropped = number_in(text_of_file(folder / "memory.stat"), "total_inactive_file")
            yield int(limit), max(0, _whole(folder / "memory.usage_in_bytes") - dropped)


def _whole(file: Path) -> int:
    text = text_of_file(file).strip()
    return int(text) if text.isdecimal() else 0


def _processors() -> int:
    """Count the processors that this process may use, as the interpreter or the system says."""
    if hasattr(os, "process_cpu_count"):  # Python 3.13, with -X cpu_count
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _physical() -> int:
    """Give the machine's memory in bytes, 0 where the system tells none."""
    try:
        return max(0, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return 0


def _because(allowed: int, quota: float, total: int, *, limited: bool) -> str:
    plural = "" if allowed == 1 else "s"
    said = f"{allowed} processor{plural} allowed"
    if quota < allowed:
        said += f", a quota of {quota:g}"
    if not total:
        return f"{said}; memory unknown"
    size = units.format_quantity(total, "B")
    return f"{said}; {size} of memory{' by a limit' if limited else ''}"
