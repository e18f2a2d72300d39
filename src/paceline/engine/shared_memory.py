"""Shared fixtures: what they hold, taken down once, so that a test's figures don't tell its order.

A shared fixture is set up by whichever test comes first. A test's figures are those it would have
alone: what the fixtures it uses held and peaked at is added where another test set them up, and
what fixtures of others do meanwhile is taken off.
"""

from __future__ import annotations

import dataclasses
import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from paceline.guard.memory import Shared, shared_peak
from paceline.model import Site
from paceline.probes.memory import Part, Wanted, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from pathlib import Path

    from paceline.probes.memory import Figures

__all__ = ["Fixture", "Ledger", "SetUp", "Window"]

_WORTH_SAYING = 1024


@dataclass(frozen=True, slots=True)
class Fixture:
    """A shared fixture that is set up: Python bytes and process memory, each as if alone.

    ``epoch`` tells which stretch of tracing saw it: a later one does not count what it holds.
    """

    python: Shared
    process: Shared
    epoch: int
    children: frozenset[int]


class _Shift(NamedTuple):
    """What to add to a part's figures, in bytes, so that they are those of a test alone."""

    python: float
    process: float


class Ledger:
    """The shared fixtures that are set up now; ``wanted`` is what is measured of them."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted._replace(places=0)
        self._alive: dict[Hashable, Fixture] = {}
        self._ended: set[Hashable] = set()
        self._events = 0

    def begin(self, window: Window | None) -> SetUp:
        """Begin the set-up of a shared fixture, inside a test's window or outside of any."""
        return SetUp(self, window, self._wanted)

    def end(self, key: Hashable) -> None:
        """Take down that a fixture is torn down; its value is let go of a moment later."""
        if key in self._alive:
            self._ended.add(key)

    def keep(self, key: Hashable, fixture: Fixture) -> None:
        """Take down a fixture that is set up."""
        self._ended.discard(key)
        self._alive[key] = fixture

    def event(self) -> int:
        """Count one event, so that an order can be told."""
        self._events += 1
        return self._events

    def settle(self) -> dict[Hashable, Fixture]:
        """Give the fixtures that are set up, now that what ended has let go of its value."""
        for key in self._ended:
            self._alive.pop(key, None)
        self._ended.clear()
        return dict(self._alive)

    def alive(self) -> dict[Hashable, Fixture]:
        """Give the fixtures that hold their value."""
        return dict(self._alive)


class Window:
    """The window of one test; ``uses`` tells by key and name whether the test uses a fixture."""

    def __init__(
        self,
        ledger: Ledger,
        wanted: Wanted,
        uses: Callable[[Hashable, str], bool],
        *,
        root: Path,
    ) -> None:
        self._ledger = ledger
        self._uses = uses
        self._before = ledger.settle()
        self._used_before = self._used(self._before)
        self._shifts: list[_Shift] = []
        self._aside = _Shift(0.0, 0.0)
        self._most = wanted.places
        self.traced = wanted.python
        known = {child for one in self._used_before for child in one.children}
        self.watch = Watch(wanted, root=root, known=known).open()

    def cut(self) -> Part:
        """End a part; what has been torn down until now has let go of its value."""
        part = self.watch.part()
        self._shifts.append(self._shift(self._ledger.alive()))
        self._ledger.settle()
        return part

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Leave out what happens meanwhile: neither its peaks nor what it leaves behind count."""
        before = self.cut()
        try:
            yield
        finally:
            after = self.cut()
            self._shifts[-1] = _Shift(-math.inf, -math.inf)
            self._aside = _Shift(
                self._aside.python + after.python_held - before.python_held,
                self._aside.process + after.process_held - before.process_held,
            )

    def close(self) -> Figures:
        """End the window; give the figures as if the test ran alone."""
        during = self._ledger.alive()
        seen = self.watch.close()
        self._shifts.append(self._shift(during))
        left = self._shift(self._ledger.settle(), used=False)
        parts = list(zip(seen.parts, self._shifts, strict=False))
        python = [part.python_peak + shift.python for part, shift in parts]
        process = [part.process_peak + shift.process for part, shift in parts]
        fixtures = self._used_before
        return dataclasses.replace(
            seen,
            peak=_most([*python, shared_peak(one.python for one in fixtures)], seen.peak),
            used=seen.used + left.python,
            process_rise=_most(
                [*process, shared_peak(one.process for one in fixtures)], seen.process_rise
            ),
            process_growth=seen.process_growth + left.process,
            peak_sites=self._with_fixtures(seen.peak_sites),
        )

    def _used(self, fixtures: dict[Hashable, Fixture]) -> tuple[Fixture, ...]:
        return tuple(one for key, one in fixtures.items() if self._uses(key, one.python.name))

    def _shift(self, alive: dict[Hashable, Fixture], *, used: bool = True) -> _Shift:
        python = sum(map(self._traced, self._before.values())) - sum(
            map(self._traced, alive.values())
        )
        process = sum(one.process.held for one in self._before.values()) - sum(
            one.process.held for one in alive.values()
        )
        theirs = self._used(alive) if used else ()
        return _Shift(
            python + sum(one.python.held for one in theirs) - self._aside.python,
            process + sum(one.process.held for one in theirs) - self._aside.process,
        )

    def _traced(self, fixture: Fixture) -> float:
        """Say how much of a fixture is in the total that this window reads."""
        return fixture.python.held if fixture.epoch == self.watch.epoch else 0.0

    def _with_fixtures(self, sites: tuple[Site, ...]) -> tuple[Site, ...]:
        theirs = [
            Site(name=f"fixture {one.name}", size=one.held, count=1.0, size_growth=one.held)
            for one in (fixture.python for fixture in self._used_before)
            if one.held >= _WORTH_SAYING
        ]
        if not theirs or not self._most:
            return sites
        return tuple(sorted((*sites, *theirs), key=lambda one: -one.size_growth)[: self._most])


class SetUp:
    """The set-up of one shared fixture, from its beginning to its end.

    Inside the window of a test it is a part of it. Where that window does not see what is wanted,
    or there is none, the set-up has a window of its own.
    """

    def __init__(self, ledger: Ledger, window: Window | None, wanted: Wanted) -> None:
        self._ledger = ledger
        self._window = window
        self._inner = frozenset(ledger.alive())
        self._own: Watch | None = None
        self._start = Part(0.0, 0.0, 0.0, 0.0)
        self._children = frozenset[int]()
        if window is not None:
            self._start = window.cut()
            self._children = window.watch.children
        if window is None:
            ledger.settle()
            self._own = Watch(wanted).open()
        elif wanted.python and not window.traced:
            self._own = Watch(Wanted(process=False, children=False, places=0)).open()
        self._began = ledger.event()

    def finish(self, key: Hashable, name: str, *, failed: bool = False) -> None:
        """End the set-up and take down what it left; one that failed leaves nothing to share."""
        own, window, start = self._own, self._window, self._start
        seen: list[tuple[Part, Watch]] = []
        if own is not None:
            seen.append((own.part(), own))
            children = own.children
            own.close()
        if window is not None:
            seen.append((window.cut(), window.watch))
            children = window.watch.children - self._children
        if failed:
            return
        (python, traced), (process, _) = seen[0], seen[-1]
        within = [one for other, one in self._ledger.alive().items() if other not in self._inner]
        began_at = start.python_held if own is None else 0.0
        fixture = Fixture(
            self._taken(
                name,
                peak=python.python_peak - began_at,
                held=python.python_held - began_at,
                inner=[one.python for one in within],
            ),
            self._taken(
                name,
                peak=process.process_peak - start.process_held,
                held=process.process_held - start.process_held,
                inner=[one.process for one in within],
            ),
            traced.epoch,
            children,
        )
        self._ledger.keep(key, fixture)

    def _taken(self, name: str, *, peak: float, held: float, inner: list[Shared]) -> Shared:
        """Give what this set-up alone took; fixtures set up within it have their own."""
        return Shared(
            name,
            held=_known(held) - sum(one.held for one in inner),
            peak=_known(peak),
            began=self._began,
            ended=self._ledger.event(),
        )


def _most(figures: list[float], seen: float) -> float:
    """Give the largest figure, nan where nothing was seen."""
    return seen if math.isnan(seen) else max(0.0, *figures)


def _known(value: float) -> float:
    return 0.0 if math.isnan(value) else value
