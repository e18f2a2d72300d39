"""Pressure: whether memory is getting short, and how much of the processors others use.

Looks are cheap enough to be taken before every test: files stay open and are read in place, and
the counts that the kernel has to add up first are read only when memory seems to be short.
Sources: accounting/psi, admin-guide/cgroup-v1 and -v2, filesystems/proc of the Linux kernel's
documentation.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from paceline import units
from paceline.probes.capacity import Groups, number_in, observe_capacity
from paceline.probes.kernel import field_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Busy", "Load", "Pressure"]

_ENOUGH = 4096
_KIB = 1024
_SHARE = 0.06
_LEAST = 64 * 1024**2
_MOST = 1024**3
_WAITING = 10.0
"""Per cent of the last ten seconds in which something waited for memory."""

_SOON = 8
"""Ticks of each processor below which two looks are one: a tick is 10 ms."""
_IDLE = (3, 4)
_OWN = slice(11, 15)  # after the name: utime stime cutime cstime
_COUNTED = 8  # what follows is guest time, which is counted already


class Pressure:
    """Looks at the memory of the machine and of this process's control group.

    ``reserve`` is what must be left, in bytes: by default 6 % of all, 64 MiB to 1 GiB.
    """

    def __init__(
        self, *, proc: str = "/proc", cgroup: str = "/sys/fs/cgroup", reserve: int | None = None
    ) -> None:
        groups = Groups.observe(proc=proc, cgroup=cgroup)
        self._total = observe_capacity(proc=proc, cgroup=cgroup).total
        share = int(min(_MOST, max(_LEAST, self._total * _SHARE)))
        self._reserve = share if reserve is None else reserve
        self._meminfo = _Kept(Path(proc, "meminfo"))
        self._vmstat = _Kept(Path(proc, "vmstat"))
        own = groups.unified[0] if groups.unified else Path(cgroup)
        stalls = own / "memory.pressure"
        self._stalls = _Kept(stalls if stalls.exists() else Path(proc, "pressure", "memory"))
        self._events = _Kept(own / "memory.events")
        first = groups.memory[0] if groups.memory else Path(cgroup, "memory")
        self._control = _Kept(first / "memory.oom_control")
        machine = number_in(self._meminfo.read().decode("ascii", "replace"), "MemTotal:") * _KIB
        self._limited = tuple(_limited(groups, machine))
        self._throttled = self._count(b"high")

    def look(self) -> str:
        """Say in one line why memory is short, "" while it is not."""
        left = self._left()
        if left is not None and left < self._reserve:
            size = units.format_quantity(self._total, "B")
            return f"memory: {units.format_quantity(left, 'B')} left of {size}"
        waited = field_of(self._stalls.read(), "some avg10=") or 0.0
        if waited >= _WAITING:
            return f"memory: something waited for it in {waited:.0f} % of the last 10 s"
        throttled, before = self._count(b"high"), self._throttled
        self._throttled = throttled
        if throttled > before:
            return "memory: the control group is over its soft limit (memory.high)"
        return ""

    def oom_kills(self) -> int:
        """Count the processes that the kernel has killed for want of memory.

        In this process's control group; in the whole machine where groups don't count them.
        """
        for kept in (self._events, self._control, self._vmstat):
            content = kept.whole().decode("ascii", "replace")
            if "oom_kill " in content:
                return number_in(content, "oom_kill")
        return 0

    def close(self) -> None:
        """Close the files; the next look opens them again."""
        kept = (self._meminfo, self._vmstat, self._stalls, self._events, self._control)
        for one in (*kept, *(file for group in self._limited for file in group.files)):
            one.close()

    def _left(self) -> float | None:
        """Give the bytes that can still be had, None where nothing tells."""
        free = field_of(self._meminfo.read(), "MemAvailable:")
        lefts = [] if free is None else [free * _KIB]
        lefts += [left for group in self._limited if (left := group.left(self._reserve)) >= 0]
        return min(lefts, default=None)

    def _count(self, name: bytes) -> int:
        return number_in(self._events.read().decode("ascii", "replace"), name.decode())


class _Limited(NamedTuple):
    """One control group with a limit in bytes, and the files that say what it uses."""

    limit: int
    usage: _Kept
    stat: _Kept
    dropped: str

    @property
    def files(self) -> tuple[_Kept, _Kept]:
        """The files that stay open."""
        return self.usage, self.stat

    def left(self, reserve: int) -> float:
        """Give the bytes left; what the kernel could drop is asked for only when few are left.

        -1 where the group's use can't be read.
        """
        content = self.usage.read().strip()
        if not content.isdigit():
            return -1
        left = self.limit - int(content)
        if left < reserve:
            left += number_in(self.stat.whole().decode("ascii", "replace"), self.dropped)
        return max(0, left)


def _limited(groups: Groups, machine: int) -> Iterable[_Limited]:
    """List the groups whose limit is below what the machine has: an outer one may fill up first."""
    for folders, limits, usage, dropped in (
        (groups.unified, ("memory.max", "memory.high"), "memory.current", "inactive_file"),
        (groups.memory, ("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file"),
    ):
        for folder in folders:
            found = [_Kept(folder / name).once() for name in limits]
            known = [int(one) for one in found if one.isdigit()]
            if known and (not machine or min(known) < machine):
                stat = _Kept(folder / "memory.stat")
                yield _Limited(min(known), _Kept(folder / usage), stat, dropped)


class Busy(NamedTuple):
    """Shares of all processors since the last look, 0 to 1: in use at all, and by others."""

    whole: float
    others: float


class Load:
    """Looks at how much of the machine is in use, and how much of that by others than us."""

    def __init__(self, *, proc: str = "/proc") -> None:
        self._proc = Path(proc)
        self._stat = _Kept(self._proc / "stat")
        self._processors = os.cpu_count() or 1
        self._before = self._ticks()
        self._own: dict[int, int] | None = None
        self._busy: Busy | None = None

    def look(self, processes: Iterable[int]) -> Busy | None:
        """Give what was used since the last look, None while too little time has passed.

        ``processes`` are the ids of ours, children that they waited for included; one that is new
        was started since. Looks that follow one another quickly give the same answer.
        """
        ticks, idle = self._ticks()
        passed = ticks - self._before[0]
        before = self._own
        if before is not None and passed < _SOON * self._processors:
            return self._busy
        self._own = {process: self._used(process) for process in processes}
        working = max(0, passed - (idle - self._before[1]))
        self._before = ticks, idle
        if before is None or passed <= 0:
            return self._busy
        ours = sum(max(0, used - before.get(one, 0)) for one, used in self._own.items())
        others = max(0, working - ours)
        self._busy = Busy(min(1.0, working / passed), min(1.0, others / passed))
        return self._busy

    def close(self) -> None:
        """Close the file; the next look opens it again."""
        self._stat.close()

    def _ticks(self) -> tuple[int, int]:
        """Read the ticks of all processors since the machine's start, and the idle ones."""
        line = self._stat.read().partition(b"\n")[0].split()
        if len(line) <= max(_IDLE) + 1 or line[0] != b"cpu":
            return 0, 0
        counts = [int(word) for word in line[1 : 1 + _COUNTED]]
        return sum(counts), sum(counts[column] for column in _IDLE)

    def _used(self, process: int) -> int:
        """Read the ticks that a process and its ended children used, 0 when it is gone."""
        try:
            content = (self._proc / str(process) / "stat").read_bytes()
        except OSError:
            return 0
        return sum(int(word) for word in content.rpartition(b")")[2].split()[_OWN])


class _Kept:
    """One of the kernel's files, kept open from its first use on; b"" where it can't be read."""

    __slots__ = ("_file", "_name")

    def __init__(self, name: Path) -> None:
        self._name = name
        self._file = -2

    def read(self) -> bytes:
        """Read the first 4 KiB."""
        return self._part(0)

    def whole(self) -> bytes:
        """Read the whole file."""
        parts = [self._part(0)]
        while len(parts[-1]) == _ENOUGH:
            parts.append(self._part(sum(map(len, parts))))
        return b"".join(parts)

    def once(self) -> bytes:
        """Read a short file that need not stay open."""
        content = self.read().strip()
        self.close()
        return content

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -2

    def _part(self, start: int) -> bytes:
        if self._file == -2:  # noqa: PLR2004  (not tried; -1 means denied)
            try:
                self._file = os.open(self._name, os.O_RDONLY)
            except OSError:
                self._file = -1
        try:
            return os.pread(self._file, _ENOUGH, start) if self._file >= 0 else b""
        except OSError:
            return b""
