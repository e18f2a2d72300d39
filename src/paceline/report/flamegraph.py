"""Two profiles as one flame graph: a self-contained SVG text, red for more, blue for less.

After B. Gregg, "The Flame Graph", 2016, doi:10.1145/2909476, and his differential flame graphs.
Widths are the larger of both sides, so that what went away shows as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.report.differential import place_words
from paceline.report.escape import elide, xml
from paceline.stats.frames import Frame, frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paceline.stats.profile import Function, Profile

__all__ = ["differential_flamegraph"]

_WIDTH = 1000
_ROW = 18
_TOP = 44
_LETTER = 6.6  # of a 11 px monospaced font, in px
_DEEPEST = 200
_STYLE = (
    "text{font:11px monospace;fill:#000}.h{font:13px sans-serif;fill:CanvasText}"
    "rect{stroke:#fff;stroke-width:.5}"
)
_STRONGEST = 0.05
"""Part of the whole at which a difference has its full colour."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A function at one place of the tree on both sides."""

    function: Function
    base: float
    head: float
    own: tuple[float, float]
    width: float
    children: tuple[_Block, ...]


def differential_flamegraph(base: Profile, head: Profile) -> str:
    """Draw who called whom from top to bottom, each coloured by how its own work changed.

    "" where nothing was counted.
    """
    blocks = _merged(frames(base), frames(head))
    whole = sum(block.width for block in blocks)
    if not whole:
        return ""
    height = _TOP + _ROW * min(_DEEPEST, max(map(_depth, blocks))) + 10
    change = f"{100 * (head.total / base.total - 1):+.2f} %" if base.total else "new"
    said = f"{base.total:,.0f} → {head.total:,.0f}, {change}; red does more itself, blue less"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{xml(said)}</title>",
        f"<style>{_STYLE}</style>",
        f'<text class="h" x="4" y="20">{xml(said)}</text>',
        *_drawn(blocks, left=0.0, depth=0, scale=_WIDTH / whole, whole=base.total or head.total),
    ]
    return "\n".join([*parts, "</svg>", ""])


def _merged(base: Sequence[Frame], head: Sequence[Frame]) -> tuple[_Block, ...]:
    """Lay both sides' trees over each other: the same function below the same callers is one."""
    before = {frame.function: frame for frame in base}
    after = {frame.function: frame for frame in head}
    # Head's functions come last: their lines are the ones to look at.
    functions = {one: one for one in before} | {one: one for one in after}
    return tuple(
        _block(after[one].function if one in after else one, before.get(one), after.get(one))
        for one in sorted(functions)
    )


def _block(function: Function, base: Frame | None, head: Frame | None) -> _Block:
    children = _merged(base.children if base else (), head.children if head else ())
    own = (base.own if base else 0.0, head.own if head else 0.0)
    return _Block(
        function,
        own[0] + sum(child.base for child in children),
        own[1] + sum(child.head for child in children),
        own,
        max(own) + sum(child.width for child in children),
        children,
    )


def _depth(block: _Block) -> int:
    return 1 + max(map(_depth, block.children), default=0)


def _drawn(
    blocks: Sequence[_Block], *, left: float, depth: int, scale: float, whole: float
) -> Iterator[str]:
    for block in blocks:
        wide = block.width * scale
        yield from _box(block, left, depth, wide, (block.own[1] - block.own[0]) / whole)
        if depth + 1 < _DEEPEST:
            yield from _drawn(block.children, left=left, depth=depth + 1, scale=scale, whole=whole)
        left += wide


def _box(block: _Block, left: float, depth: int, wide: float, change: float) -> Iterator[str]:
    top = _TOP + _ROW * depth
    name = xml(elide(block.function.name))
    where = xml(elide(place_words(block.function)))
    told = f"{name} ({where}): {block.base:,.0f} → {block.head:,.0f}, itself {100 * change:+.2f} %"
    yield (
        f'<g><title>{told}</title><rect x="{left:.2f}" y="{top}" width="{wide:.2f}" '
        f'height="{_ROW}" fill="{_colour(change)}"/>'
    )
    letters = int((wide - 4) / _LETTER)
    if letters > 2:  # noqa: PLR2004  (one letter and a mark of omission say nothing)
        short = xml(elide(block.function.name, letters))
        yield f'<text x="{left + 2:.2f}" y="{top + 13}">{short}</text>'
    yield "</g>"


def _colour(change: float) -> str:
    """Give red for more and blue for less, pale for little."""
    rest = round(235 - 155 * min(1.0, abs(change) / _STRONGEST))
    return f"rgb(235,{rest},{rest})" if change > 0 else f"rgb({rest},{rest},235)"
