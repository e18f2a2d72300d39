"""Arrays of NumPy: kept, viewed, grown, or gone with the call."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, seeded

SOURCE = seeded()
SIZE = SOURCE.choice((8, 50, 300))
CALLS = count()


KEPT: list[Any] = []


@leak(lambda: len(KEPT), needs="numpy")
def arrays_kept() -> None:
    """Keep a small array a call."""
    KEPT.append(np.arange(SIZE))


SERIES: dict[str, Any] = {"all": np.zeros(0)}


@leak(lambda: len(SERIES["all"]), each=4, calls=3000, needs="numpy")
def series_appended() -> None:
    """Make one array longer by four doubles a call."""
    SERIES["all"] = np.append(SERIES["all"], (1.0, 2.0, 3.0, 4.0))


@harmless(calls=1500, needs="numpy")
def transformed() -> float:
    """Transform series of random lengths, whose plans the library may keep."""
    return float(np.abs(np.fft.rfft(np.ones(SOURCE.randrange(64, 600)))).max())


BLOCKS: list[Any] = []


@harmless(lambda: len(BLOCKS), most=40, needs="numpy")
def blocks_joined() -> None:
    """Collect forty blocks, join and drop them."""
    BLOCKS.append(np.ones(SIZE))
    if len(BLOCKS) == 40:
        np.concatenate(BLOCKS)
        BLOCKS.clear()
