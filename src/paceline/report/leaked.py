"""Leaked: what tests and callables keep with every call, in a few lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.guard.budget import quantity
from paceline.model import METRICS
from paceline.report.paint import Paint, bare
from paceline.report.table import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paceline.model import Measurement, Site

__all__ = ["render"]

_MOST = 5
_SITES = 4
_LONGEST = 110
_ROLES = {"LEAK": "bad", "UNSURE": "warn"}


def render(
    measurements: Iterable[Measurement], *, paint: Paint = bare, pure_ascii: bool = False
) -> str:
    """Write what leaks or could not be told, leaks first; "" where all is clean or only fills."""
    checked = [one for one in measurements if one.metric.name.endswith("leaked_objects")]
    sizes = {
        (one.case.id, one.metric.name): one
        for one in measurements
        if one.metric.name.endswith("leaked_bytes")
    }
    worst = sorted(checked, key=lambda one: list(_ROLES).index(_word(one)) if _word(one) else 9)
    told = [one for one in worst if _word(one)]
    lines = []
    for one in told[:_MOST]:
        kept = one.case.id, one.metric.name.replace("objects", "bytes")
        head, *rest = _lines(one, sizes.get(kept))
        word = paint(f"{_word(one):<8}", _ROLES[_word(one)])
        lines.append(word + safe(head, pure_ascii=pure_ascii, longest=_LONGEST))
        lines += [f"        {safe(line, pure_ascii=pure_ascii, longest=_LONGEST)}" for line in rest]
    if len(told) > _MOST:
        lines.append(f"and {len(told) - _MOST:,} more")
    return "\n".join(lines) + "\n" if lines else ""


def _word(measurement: Measurement) -> str:
    """Give the verdict where it needs a line, "" where nothing is to be done."""
    verdict = measurement.condition("verdict")
    return verdict if verdict in _ROLES else ""


def _lines(objects: Measurement, size: Measurement | None) -> Iterator[str]:
    yield str(objects.case.id)
    because = objects.unsure or objects.condition("because")
    figure = size.values[0] if size is not None and size.values else 0.0
    yield f"{because}; {quantity(figure, METRICS['leaked_bytes'])} a call" if figure else because
    for site in objects.sites[:_SITES]:
        yield _of_site(site)


def _of_site(site: Site) -> str:
    grown = f"+{site.count_growth:.3g} a call" if site.count_growth else ""
    where = str(site.place) if site.place else ""
    return "  ".join(part for part in (site.name, grown, where) if part)
