"""The time below which no run of a suite can come, and what kept a run above it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Bound", "Losses", "held_back"]

_WORTH = 0.05  # of the wall, or of the workers' time: what took less is not told
_LONG = 0.25  # of the wall: a test that took less held nobody back
_TOLD = 3  # sentences at most


@dataclass(frozen=True, slots=True)
class Bound:
    """The lower bound of a run: all seconds of work shared evenly, or the longest test.

    ``collection`` runs before all tests and is not shared; times in seconds.
    """

    work: float
    collection: float
    longest: float
    workers: int

    @property
    def seconds(self) -> float:
        """The bound itself."""
        return max(self.work / self.workers + self.collection, self.longest)

    def efficiency(self, wall: float) -> float:
        """Give the bound over what a run took: 1 is perfect, 0 for a run that took no time."""
        return self.seconds / wall if wall > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Losses:
    """Where the time of a run went besides its tests, in seconds.

    ``wall`` is the run's, from the start to the end; ``longest`` names its longest test. ``alone``
    is what benchmarks took while nothing else ran, ``trials`` what trying ``tried`` failures again
    took, ``ending`` what came between the last test and the end of the workers. The rest are sums
    over workers: set-ups of shared fixtures beyond the first copy, waits for room, start of
    workers, and idling at the end while others still ran.
    """

    wall: float
    longest: str = ""
    alone: float = 0.0
    tried: int = 0
    trials: float = 0.0
    ending: float = 0.0
    setups: float = 0.0
    waiting: float = 0.0
    starting: float = 0.0
    idle: float = 0.0


def held_back(bound: Bound, losses: Losses) -> tuple[str, ...]:
    """Say what held a run back, the greatest share first.

    The longest test is to blame only where it is the bound itself or others idled behind it.
    """
    wall, each = losses.wall, bound.workers * losses.wall
    if wall <= 0:
        return ()
    named = f": {losses.longest}" if losses.longest else ""
    longest = bound.longest / wall
    blamed = bound.longest == bound.seconds or losses.idle >= _WORTH * each
    failures = f"{losses.tried} failure{'' if losses.tried == 1 else 's'}"
    parts = (
        (longest if blamed else 0.0, _LONG, f"longest test {longest:.0%} of wall{named}"),
        _part("collection", bound.collection / wall),
        _part("benchmarks alone", losses.alone / wall if bound.workers > 1 else 0.0),
        _part(f"trying {failures} again", losses.trials / wall),
        _part("teardowns and records after the last test", losses.ending / wall),
        _shared("shared fixtures set up on several workers", losses.setups / each),
        _shared("waiting for memory, cores or a named resource", losses.waiting / each),
        _shared("starting workers", losses.starting / each),
        _shared("idle at the end", losses.idle / each),
    )
    told = sorted((part for part in parts if part[0] >= part[1]), reverse=True)
    return tuple(text for _, _, text in told[:_TOLD])


def _part(name: str, share: float) -> tuple[float, float, str]:
    return share, _WORTH, f"{name} {share:.0%} of wall"


def _shared(name: str, share: float) -> tuple[float, float, str]:
    return share, _WORTH, f"{name} {share:.0%} of the workers' time"
