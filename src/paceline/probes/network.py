"""Traffic of the network: counted by the kernel for a whole namespace, not for one process."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

__all__ = ["Traffic", "transferred"]

_DEVICES = Path("/proc/self/net/dev")
_TITLES = 2  # lines
_SENT = 8  # column of a device's line, after those about what was received


class Traffic(NamedTuple):
    """Bytes since the devices came up, the loopback's too; nan where nobody tells."""

    received: float
    sent: float


def transferred(devices: Path = _DEVICES) -> Traffic:
    """Read the bytes that all devices received and sent."""
    try:
        lines = devices.read_text(encoding="ascii", errors="replace").splitlines()[_TITLES:]
        columns = [line.rpartition(":")[2].split() for line in lines]
        return Traffic(
            sum(float(row[0]) for row in columns), sum(float(row[_SENT]) for row in columns)
        )
    except (OSError, ValueError, IndexError):
        return Traffic(math.nan, math.nan)
