"""Memory of a block: from the window's figures to measurements, and to what a test reads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self, TypeVar

from paceline import units
from paceline.engine.result import BudgetBroken
from paceline.errors import UsageError
from paceline.guard.diagnosis import Seen, diagnose
from paceline.guard.memory import place_lines, share_of
from paceline.model import METRICS, Case, Measurement
from paceline.probes.memory import Figures, Wanted, Watch
from paceline.probes.places import ReturnLook
from paceline.probes.population import Census

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from paceline.guard.diagnosis import Population
    from paceline.model import Site
    from paceline.model.finding import Finding

__all__ = ["BLOCK", "TEST", "Block", "measured"]

T = TypeVar("T")

BLOCK = {
    "peak": "peak_memory",
    "used": "memory_growth",
    "process_rise": "process_rise",
    "process_growth": "process_growth",
    "children_peak": "children_peak",
}
"""A block's figures and their metrics."""

TEST = {
    "peak": "test_peak_memory",
    "used": "test_memory_growth",
    "process_rise": "test_process_rise",
    "process_growth": "test_process_growth",
    "children_peak": "test_children_peak",
}
"""A whole test's figures and their metrics."""

_MB = 1024**2
_KB = 1024
_SHOWN = 10


def measured(figures: Figures, case: Case, *, metrics: dict[str, str]) -> tuple[Measurement, ...]:
    """Give the figures that are known, or unsure with a reason, as measurements in bytes."""
    reasons = dict(figures.unsure)
    places = {"peak": figures.peak_sites, "used": figures.end_sites}
    found = []
    for name, metric in metrics.items():
        value: float = getattr(figures, name)
        if math.isnan(value) and name not in reasons:
            continue
        found.append(
            Measurement(
                case,
                METRICS[metric],
                () if math.isnan(value) else (value,),
                conditions=_conditions(figures) if name == "peak" else (),
                unsure=reasons.get(name, ""),
                sites=places.get(name, ()),
            )
        )
    return tuple(found)


class Block:
    """The memory of a block of code, in bytes above its start; nan for what is not known.

    Python bytes: ``peak`` and ``used`` (still held at the end). Process: ``process_rise`` (its peak
    above the start) and ``process_growth``. ``children_peak``: all child processes together. Each
    also stands in KB (1024 bytes) and MB (1024 KB) at ``peak_kb``, ``peak_mb`` and so on. Inside
    the block they say what was seen so far. ``findings`` say what could be better, and how; with
    ``census`` the objects that the block left are counted by type for them.
    """

    def __init__(
        self,
        case: Case,
        *,
        root: Path | None = None,
        most: int = _SHOWN,
        trace: bool = True,
        census: bool = False,
    ) -> None:
        self.case = case
        self.value: Any = None
        self._root = root
        self._wanted = Wanted(python=trace, places=most)
        self._watch: Watch | None = None
        self._asks = census
        self._census: Census | None = None
        self._populations: tuple[Population, ...] = ()
        self.figures = Figures()

    def __enter__(self) -> Self:
        self.open()
        return self

    def open(self) -> None:
        """Begin, as entering does."""
        if self._watch is not None:
            raise UsageError(
                f"the memory block {self.case.label!r} is open already",
                remedy="open another one inside it",
            )
        self._census = Census() if self._asks else None
        self._watch = Watch(self._wanted, root=self._root).open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Call inside the block; the function's own value is kept at ``value`` and given."""
        self.open()
        look = ReturnLook(function, self.look)
        look.start()
        try:
            value = self.value = function(*args, **kwargs)
        finally:
            look.stop()
            self.close()
        return value

    def look(self) -> None:
        """Look at the places now, before memory is let go of."""
        if self._watch is not None:
            self._watch.look(late=True)

    def close(self) -> None:
        """End the block; once ended it stays as it is."""
        watch, self._watch = self._watch, None
        if watch is not None:
            self.figures = watch.close()
        census, self._census = self._census, None
        if census is not None:
            self._populations = census.populations()

    @property
    def current(self) -> float:
        """Python bytes held now above the start; at the end the same as ``used``."""
        return self._watch.held() if self._watch is not None else self.figures.used

    @property
    def unsure(self) -> dict[str, str]:
        """The figures that can't be trusted, each with its reason."""
        return dict(self.figures.unsure)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What could be better, the largest saving first; nothing where Python is unknown."""
        figures = self.figures
        if math.isnan(figures.peak) or math.isnan(figures.used):
            return ()
        seen = Seen(
            figures.peak, figures.used, figures.peak_sites, figures.buffers, self._populations
        )
        return diagnose(seen)

    def top(self, most: int = 5, *, at: str = "peak") -> tuple[Site, ...]:
        """List the places that hold most, at the "peak" or at the "end"."""
        if at not in {"peak", "end"}:
            raise UsageError(f"top(at={at!r})", remedy="write at='peak' or at='end'")
        return (self.figures.peak_sites if at == "peak" else self.figures.end_sites)[:most]

    def assert_below(self, **limits: str | float) -> None:
        """Assert limits such as ``peak="10 MB"``; a number is in bytes; what is unsure passes.

        Raises:
            BudgetBroken: a figure lies above its limit; the message names the places.
            UsageError: an unknown figure.
            UnitError: an unknown unit.
        """
        __tracebackhide__ = True  # pytest shows the line of the test
        broken = []
        for name, limit in limits.items():
            if name not in BLOCK:
                known = ", ".join(BLOCK)
                raise UsageError(f"no figure {name!r} of a block", remedy=f"known: {known}")
            allowed = units.parse(limit, "B") if isinstance(limit, str) else float(limit)
            figure: float = getattr(self.figures, name)
            if figure > allowed and name not in self.unsure:
                broken.append((name, figure, allowed))
        if broken:
            raise BudgetBroken(self._broken_words(broken))

    def measurements(self) -> tuple[Measurement, ...]:
        """Give the block as measurements of one value each."""
        return measured(self.figures, self.case, metrics=BLOCK)

    def __getattr__(self, name: str) -> float:
        figure, _, suffix = name.rpartition("_")
        scale = {"kb": _KB, "mb": _MB}.get(suffix)
        if figure in BLOCK and scale is not None:
            return float(getattr(self.figures, figure)) / scale
        if name in BLOCK:
            return float(getattr(self.figures, name))
        raise AttributeError(
            f"no figure {name!r}; there are {', '.join(BLOCK)}, with _kb or _mb after them"
        )

    def __str__(self) -> str:
        """Write the figures and the places, at most a screenful."""
        figures = [
            f"{name.replace('_', ' ')} {_quantity(getattr(self.figures, name))}"
            + (" (unsure)" if name in self.unsure else "")
            for name in BLOCK
        ]
        reasons = [f"unsure: {name}: {why}" for name, why in self.figures.unsure]
        return "\n".join([self._name(), f"  {', '.join(figures)}", *reasons, *self._places("peak")])

    __repr__ = __str__

    def _name(self) -> str:
        return f"memory of {self.case.label or 'the block'}"

    def _broken_words(self, broken: list[tuple[str, float, float]]) -> str:
        lines = [
            f"{name.replace('_', ' ')} {_quantity(figure)} of {_quantity(limit)}, "
            f"{share_of(figure, limit)}"
            for name, figure, limit in broken
        ]
        at = "end" if all(name == "used" for name, *_ in broken) else "peak"
        return "\n".join([f"{self._name()}: {lines[0]}", *lines[1:], *self._places(at)])

    def _places(self, at: str) -> tuple[str, ...]:
        figure = self.figures.peak if at == "peak" else self.figures.used
        return place_lines(self.top(_SHOWN, at=at), figure, word=at)


def _conditions(figures: Figures) -> tuple[tuple[str, str], ...]:
    """Keep beside a peak how the process rose meanwhile: far more is memory that Python has not."""
    if math.isnan(figures.process_rise) or "process_rise" in dict(figures.unsure):
        return ()
    return (("process rise", f"{figures.process_rise:.0f}"),)


def _quantity(value: float) -> str:
    return "unknown" if math.isnan(value) else units.format_quantity(value, "B")
