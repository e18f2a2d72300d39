"""Noise as machines make it, drawn anew from a seed, and a table of what was found (pytest -s)."""

from __future__ import annotations

import math
import random
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from paceline.stats.distribution import clopper_pearson_upper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SPREAD = 0.05
SPIKES = 0.03
# median of 97 % N(1, 0.05²) and 3 % five times that, solved numerically
SPIKY_MEDIAN = 1.0019386
LOGARITHMIC = 0.5


@dataclass(frozen=True, slots=True)
class Noise:
    """Draws series of a known mean and median of about 1."""

    source: random.Random

    def draw(self, kind: str, count: int) -> list[float]:
        gauss = self.source.gauss
        if kind == "normal":
            return [gauss(1, SPREAD) for _ in range(count)]
        if kind == "lognormal":
            return [math.exp(gauss(0, LOGARITHMIC)) for _ in range(count)]
        if kind == "spikes":
            high = self.source.random
            return [gauss(1, SPREAD) * (5 if high() < SPIKES else 1) for _ in range(count)]
        return self._autoregression(float(kind.removeprefix("AR ")), count)

    def truth(self, kind: str, statistic: str) -> float:
        if kind == "lognormal":
            return math.exp(LOGARITHMIC**2 / 2) if statistic == "mean" else 1.0
        if kind == "spikes":
            return 1 + 4 * SPIKES if statistic == "mean" else SPIKY_MEDIAN
        return 1.0

    def _autoregression(self, likeness: float, count: int) -> list[float]:
        gauss, fresh = self.source.gauss, SPREAD * math.sqrt(1 - likeness**2)
        state, values = gauss(0, SPREAD), []
        for _ in range(count):
            values.append(1 + state)
            state = likeness * state + gauss(0, fresh)
        return values


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something went wrong, and the most it can be in the long run."""

    failures: int
    trials: int

    @property
    def rate(self) -> float:
        return self.failures / self.trials

    @property
    def at_most(self) -> float:
        return clopper_pearson_upper(self.failures, self.trials, 0.99)

    def __str__(self) -> str:
        return f"{100 * self.rate:5.1f} % (≤ {100 * self.at_most:4.1f} %)"


@pytest.fixture
def noise() -> Noise:
    return Noise(random.Random(20_240_229))  # noqa: S311  (seeded noise, no secret)


@pytest.fixture
def tally() -> Callable[[Iterable[bool]], Tally]:
    def count(failed: Iterable[bool]) -> Tally:
        outcomes = list(failed)
        return Tally(sum(outcomes), len(outcomes))

    return count


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[..., None]:
    def write(*cells: object) -> None:
        sys.stdout.write(f"\n{request.node.name}: " + "  ".join(map(str, cells)))

    return write
