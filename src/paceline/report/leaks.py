"""Leaks: verdicts with what grew and what could have been seen, as text and as JSON.

History of the format "paceline.leaks":
    1  paceline, python, results
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from paceline.guard.leak_diagnosis import diagnose_leak
from paceline.report.escape import ascii_only, plain
from paceline.report.paint import Paint, bare
from paceline.stats.leak import LeakVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.errors import Place
    from paceline.model.finding import Finding
    from paceline.stats.leak import Holder, LeakResult, Resource, Smallest

__all__ = ["FORMAT", "VERSION", "render", "render_one", "to_json"]

FORMAT = "paceline.leaks"
VERSION = 1
_ROLES = {
    LeakVerdict.LEAK: "bad",
    LeakVerdict.FILLING: "warn",
    LeakVerdict.CLEAN: "good",
    LeakVerdict.UNSURE: "dim",
}
_HOLDERS = 5  # lines in the text; the document has them all


def to_json(results: Sequence[LeakResult], *, paceline: str, python: str) -> str:
    """Write all results as one document; what is not known is null."""
    document = {
        "schema": {"name": FORMAT, "version": VERSION},
        "paceline": paceline,
        "python": python,
        "results": [_as_builtins(one) for one in results],
    }
    return json.dumps(document, indent=1, allow_nan=False)


def render(results: Sequence[LeakResult], *, paint: Paint = bare, pure_ascii: bool = False) -> str:
    """Write a block for each callable and a line that counts them."""
    lines = [line for one in results for line in _block(one, paint)]
    counted = ((kind, sum(one.verdict is kind for one in results)) for kind in LeakVerdict)
    lines.append(", ".join(f"{number} {kind.value}" for kind, number in counted if number))
    text = "\n".join(lines)
    return ascii_only(text) if pure_ascii else text


def render_one(result: LeakResult) -> str:
    """Write one result, as the message of a failed assertion."""
    return "\n".join(_block(result, bare))


def _block(result: LeakResult, paint: Paint) -> list[str]:
    word = paint(f"{result.verdict.value:<8}", _ROLES[result.verdict])
    lines = [f"{word} {plain(result.name)}"]
    lines += [f"         {plain(said)}" for said in (result.because, result.unsure) if said]
    lines += [f"         {_of_holder(one)}" for one in result.holders[:_HOLDERS]]
    for finding in diagnose_leak(result):
        said = (f"likely {finding.cause}", f"remedy: {finding.recipe}")
        lines += [f"         {plain(line)}" for line in said]
    if result.unsure and result.place:
        lines.append(f"         --> {plain(str(result.place))}")
    if result.calls and not math.isinf(result.smallest.object_calls):
        lines.append(f"         {_of_smallest(result.smallest, result)}")
    return lines


def _of_holder(one: Holder) -> str:
    figures = []
    if one.count:
        figures.append(f"+{one.count:.3g} a call")
    if one.size:
        figures.append(f"+{one.size:.3g} bytes a call")
    if one.bound:
        figures.append(f"{one.length} of {one.bound}")
    where = f"  {one.place}" if one.place else ""
    return plain(f"{one.name}: {', '.join(figures)}{where}" if figures else f"{one.name}{where}")


def _of_smallest(smallest: Smallest, result: LeakResult) -> str:
    parts = [f"one object in {smallest.object_calls:.3g} calls"]
    if not math.isinf(smallest.size):
        parts.append(f"{smallest.size:.2g} bytes a call")
    parts.append(f"one handle in {smallest.handle_calls:.3g} calls")
    return f"{result.calls} calls in {result.seconds:.2f} s would have shown {', '.join(parts)}"


def _as_builtins(result: LeakResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "place": _place(result.place),
        "verdict": result.verdict.value,
        "because": result.because,
        "calls": result.calls,
        "seconds": round(result.seconds, 6),
        "resources": [_resource(one) for one in result.resources],
        "holders": [_holder(one) for one in result.holders],
        "smallest": {
            "object_calls": _finite(result.smallest.object_calls),
            "handle_calls": _finite(result.smallest.handle_calls),
            "bytes_per_call": _finite(result.smallest.size),
        },
        "findings": [_finding(one) for one in diagnose_leak(result)],
        "unsure": result.unsure,
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "cause": one.cause,
        "remedy": one.recipe,
        "proof": one.proof,
        "place": _place(one.place),
        "bytes_per_call": one.saving,
    }


def _resource(one: Resource) -> dict[str, Any]:
    return {
        "name": one.name,
        "unit": one.unit,
        "verdict": one.verdict.value,
        "per_call": one.point,
        "low": one.low,
        "high": one.high,
        "growth": one.growth,
    }


def _holder(one: Holder) -> dict[str, Any]:
    return {
        "name": one.name,
        "place": _place(one.place),
        "count_per_call": one.count,
        "bytes_per_call": one.size,
        "length": one.length,
        "bound": one.bound or None,
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    return {"file": place.file, "line": place.line} if place else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
