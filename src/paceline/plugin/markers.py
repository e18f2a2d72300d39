"""Markers: what a test says about its own benchmarks and budgets."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from paceline.errors import Place, SettingsError
from paceline.guard.grammar import from_marker
from paceline.options import Entry, declarations
from paceline.probes.options import BenchmarkOptions, Collector, Warmup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pytest

    from paceline.model import Budget

__all__ = ["benchmark_keywords", "budgets_of", "option_entries", "place_of"]

_OWN = ("group", "items", "bytes", "disable_gc", "cprofile")


def place_of(item: pytest.Item) -> Place:
    """Give file and line of a test's definition."""
    file, line, _ = item.location
    return Place(file, (line or 0) + 1)


def benchmark_keywords(item: pytest.Item) -> dict[str, Any]:
    """Collect the keywords of a test's ``benchmark`` markers, the closest one winning.

    Raises:
        SettingsError: a positional argument or an unknown keyword, with the test's place.
    """
    found: dict[str, Any] = {}
    known = [*_OWN, *(one.name for one in declarations(BenchmarkOptions))]
    for marker in reversed(list(item.iter_markers("benchmark"))):
        if marker.args:
            raise SettingsError(
                f"@pytest.mark.benchmark takes keywords only, not {marker.args!r}",
                place=place_of(item),
                remedy=f"known keywords: {', '.join(known)}",
            )
        for name in marker.kwargs:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]!r}? " if near else ""
                raise SettingsError(
                    f"@pytest.mark.benchmark has no keyword {name!r}",
                    place=place_of(item),
                    remedy=f"{hint}known keywords: {', '.join(known)}",
                )
        found |= marker.kwargs
    return found


def option_entries(keywords: Mapping[str, Any], place: Place) -> dict[str, Entry]:
    """Turn marker keywords into a layer of settings."""
    return {
        f"{BenchmarkOptions.section}.{name}": Entry(value, place)
        for name, value in _translated(keywords)
    }


def budgets_of(item: pytest.Item) -> tuple[Budget, ...]:
    """Read a test's ``budget`` markers.

    Raises:
        SettingsError: an unknown limit or unit, with the test's place.
    """
    found: list[Budget] = []
    for marker in item.iter_markers("budget"):
        if marker.args:
            raise SettingsError(
                f"@pytest.mark.budget takes keywords only, not {marker.args!r}",
                place=place_of(item),
                remedy='name the statistic, as in @pytest.mark.budget(max_mean="100 ms")',
            )
        found += from_marker(marker.kwargs, node_id=item.nodeid, place=place_of(item))
    return tuple(found)


def _translated(keywords: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in keywords.items():
        if name == "disable_gc":
            yield "collector", Collector.OFF if value else Collector.ON
        elif name == "warmup" and isinstance(value, bool):
            yield "warmup", Warmup.ON if value else Warmup.OFF
        elif value is None:  # says nothing, as with pytest-benchmark
            continue
        elif name not in _OWN and not (name == "timer" and callable(value)):
            yield name, value
