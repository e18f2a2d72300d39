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


SLICES: list[Any] = []


@leak(lambda: len(SLICES), calls=2000, needs="numpy")
def slices_hold_their_base() -> None:
    """Keep two elements of an array of 8 KiB: the whole stays."""
    SLICES.append(np.zeros(1024)[:2])


MEANS: list[Any] = []


@leak(lambda: len(MEANS), each=0.1, needs="numpy")
def means_every_tenth() -> None:
    """Keep a scalar one call in ten."""
    if next(CALLS) % 10 == 0:
        MEANS.append(np.mean(np.arange(50)))


@harmless(calls=3000, needs="numpy")
def temporaries() -> float:
    """Compute with temporary arrays of random sizes."""
    values = np.arange(SOURCE.randrange(100, 5000)) * 2.0 + 1
    return float(np.sqrt(values).sum())


HISTORY = np.zeros(512)


@harmless(lambda: HISTORY.size, most=512, needs="numpy")
def ring_in_array() -> None:
    """Write around an array of 512."""
    HISTORY[next(CALLS) % 512] = SOURCE.random()
