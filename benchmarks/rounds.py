"""What the benchmarks here share: who else used the processor, and ratios over blocks."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.stats.distribution import t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FOREIGN", "Share", "Watch", "over_blocks"]

FOREIGN = 0.05  # of the processor time at hand: a block with more is discarded
_TICK = 1 / os.sysconf("SC_CLK_TCK")


class Watch:
    """Tells how much of the machine others took while a block ran (Linux: /proc/stat)."""

    def __init__(self) -> None:
        self._busy, self._stolen = _jiffies()
        self._own = _own()
        self._start = time.monotonic()

    def foreign(self) -> float:
        """Give stolen and foreign processor time since the start, as a share of what was there."""
        busy, stolen = _jiffies()
        wall = (time.monotonic() - self._start) * (os.cpu_count() or 1)
        others = (busy - self._busy) - (_own() - self._own)
        return max(0.0, others + stolen - self._stolen) / wall if wall > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """A ratio over blocks with its 95 % interval."""

    point: float
    low: float
    high: float
    blocks: int

    def __str__(self) -> str:
        return f"{self.point:.4f} [{self.low:.4f}, {self.high:.4f}]"


def over_blocks(ratios: Sequence[float], level: float = 0.95) -> Share:
    """Average ratios geometrically and give the t interval over blocks."""
    logs = [math.log(ratio) for ratio in ratios]
    count = len(logs)
    mean = math.fsum(logs) / count
    spread = math.sqrt(math.fsum((log - mean) ** 2 for log in logs) / (count - 1))
    half = t_quantile((1 + level) / 2, count - 1) * spread / math.sqrt(count)
    return Share(math.exp(mean), math.exp(mean - half), math.exp(mean + half), count)


def _jiffies() -> tuple[float, float]:
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _wait, irq, softirq, steal = (int(one) for one in fields[:8])
    return (user + nice + system + irq + softirq) * _TICK, steal * _TICK


def _own() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
