from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.probes.network import transferred

if TYPE_CHECKING:
    from pathlib import Path

DEVICES = """Inter-|   Receive                       |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop
    lo:  100 1 0 0 0 0 0 0  100 1 0 0 0 0 0 0
  eth0: 2000 9 0 0 0 0 0 0 30000 7 0 0 0 0 0 0
"""


def test_traffic_is_that_of_all_devices_together(tmp_path: Path) -> None:
    (tmp_path / "dev").write_text(DEVICES)
    assert transferred(tmp_path / "dev") == (2100, 30100)


def test_where_nobody_tells_traffic_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "odd").write_text(DEVICES.replace("2000", "many"))
    (tmp_path / "short").write_text(DEVICES[:140])
    for name in ("missing", "odd", "short"):
        assert math.isnan(transferred(tmp_path / name).sent)
