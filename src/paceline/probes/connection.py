"""Connection: is there a way out of this machine? Found out without contacting anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["has_way_out"]

_UP: Final = 0x1
_REJECT: Final = 0x200
_V4: Final = (0, 1, 3, 7)  # columns: device, destination, flags, mask
_V6: Final = (9, 0, 8, 1)  # columns: device, destination, flags, length of the prefix


def has_way_out(network: Path = Path("/proc/net")) -> bool | None:
    """Tell whether a default route leads through a device other than the loopback; None: unknown.

    A route is no promise: what lies behind it may be shut. Without one nothing can be reached.
    """
    answers = [_default_route(network / name, at) for name, at in _TABLES]
    if True in answers:
        return True
    return None if None in answers[:1] else False


_TABLES: Final = (("route", _V4), ("ipv6_route", _V6))


def _default_route(table: Path, at: tuple[int, int, int, int]) -> bool | None:
    try:
        rows = [line.split() for line in table.read_text(encoding="ascii").splitlines()]
    except (OSError, UnicodeDecodeError):
        return None
    return any(_leads_out(row, at) for row in rows if len(row) > max(at))


def _leads_out(row: list[str], at: tuple[int, int, int, int]) -> bool:
    device, destination, flags, mask = (row[number] for number in at)
    try:
        usable = int(flags, 16) & (_UP | _REJECT) == _UP
        everywhere = int(destination, 16) == 0 and int(mask, 16) == 0
    except ValueError:  # the titles
        return False
    return device != "lo" and usable and everywhere
