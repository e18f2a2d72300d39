"""Tell what kind of trouble memory is in, from what a block took, held and was made of.

A *spike* is memory that was needed for a moment only, *waste* is memory that could be held in less.
Leaks, which need repetition, are diagnosed in `paceline.guard.leak_diagnosis`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.guard.budget import quantity
from paceline.model import METRICS
from paceline.model.finding import Finding, FindingKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.model import Site

__all__ = ["Population", "Seen", "diagnose"]

_LEAST = 1 << 20
"""Bytes below which no finding is worth anyone's time."""
_TRANSIENT = 0.5
_DOMINANT = 0.3
"""Share of a peak that one line must explain to be called its cause."""
_ALIKE = 0.02
_MANY = 1_000


@dataclass(frozen=True, slots=True)
class Population:
    """The objects of one type that a block left behind; ``saving`` in bytes is for each with slots.

    ``saving`` is measured on this interpreter with a class of as many attributes, 0 where the type
    has slots already.
    """

    type: str
    count: int
    attributes: int
    saving: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a block: Python bytes at its peak and its end, places, objects it left.

    ``buffers`` are the large blocks nearest the peak, each alone.
    """

    peak: float
    growth: float
    at_peak: tuple[Site, ...] = ()
    buffers: tuple[Site, ...] = ()
    populations: tuple[Population, ...] = ()


def diagnose(block: Seen) -> tuple[Finding, ...]:
    """Give what can be improved about a block, the largest saving first; often nothing."""
    found = [*_copies(block), *_unslotted(block.populations)]
    if not any(one.saving >= _TRANSIENT * block.peak for one in found):
        found += _spike(block)
    return tuple(sorted(found, key=lambda one: one.saving, reverse=True))


def _spike(block: Seen) -> Iterable[Finding]:
    transient = block.peak - max(0.0, block.growth)
    if transient < max(_LEAST, _TRANSIENT * block.peak):
        return
    proof = f"peak {_bytes(block.peak)}, of which {_bytes(max(0.0, block.growth))} were kept"
    site = _dominant(block.at_peak, block.peak)
    if site is None:
        yield Finding(
            FindingKind.SPIKE,
            "many lines together held it for a moment",
            "see the places; drop what is no longer needed (del, smaller functions) before the next"
            " step allocates",
            proof,
            transient,
        )
    elif _buffered(block, site) >= _TRANSIENT * site.size:
        yield Finding(
            FindingKind.SPIKE,
            "whole contents in memory at once",
            "stream it: iterate over the file, response or cursor and handle one part at a time",
            f"{proof}; {_bytes(site.size)} of it at this line",
            transient,
            site.place,
        )
    else:
        yield Finding(
            FindingKind.SPIKE,
            f"{site.count:,.0f} items are built before the first is used",
            "hand items on one by one (a generator), or page through them in batches",
            f"{proof}; {_bytes(site.size)} of it at this line, {_bytes(site.average)} each",
            transient,
            site.place,
        )


def _copies(block: Seen) -> Iterable[Finding]:
    """Find several large blocks of one size that lived at the same time."""
    for family in _families(sorted(block.buffers, key=_size)):
        count, size = len(family), family[0].size
        saving = (count - 1) * size
        if count > 1 and saving >= max(_LEAST, _DOMINANT * block.peak):
            lines = ", ".join(dict.fromkeys(str(one.place) for one in family if one.place))
            yield Finding(
                FindingKind.WASTE,
                f"{count} blocks of one size live at the same time: copies of each other",
                "work in place, hand on a memoryview or slice view, or drop each copy (del) before"
                " the next is made",
                f"{_bytes(size)} each, made at {lines}",
                saving,
                family[-1].place,
            )


def _families(sites: Sequence[Site]) -> Iterable[list[Site]]:
    """Group blocks, sorted by size, whose sizes are nearly equal."""
    family: list[Site] = []
    for site in sites:
        if family and site.size > family[0].size * (1 + _ALIKE):
            yield family
            family = []
        family.append(site)
    if family:
        yield family


def _unslotted(populations: Iterable[Population]) -> Iterable[Finding]:
    for one in populations:
        saving = one.count * one.saving
        if one.count >= _MANY and saving >= _LEAST / 4:
            yield Finding(
                FindingKind.WASTE,
                f"{one.count:,} objects of {one.type} carry a dictionary of attributes each",
                "give the class slots: @dataclass(slots=True), or __slots__ = (…)",
                f"{one.attributes} attributes; {_bytes(one.saving)} less for each object,"
                " measured on this interpreter",
                saving,
            )


def _dominant(sites: Sequence[Site], peak: float) -> Site | None:
    largest = max(sites, key=lambda one: one.size, default=None)
    return largest if largest is not None and largest.size >= _DOMINANT * peak else None


def _buffered(block: Seen, site: Site) -> float:
    """Give the bytes of a line's large blocks."""
    return sum(one.size for one in block.buffers if one.place == site.place)


def _size(site: Site) -> float:
    return site.size


def _bytes(size: float) -> str:
    return quantity(size, METRICS["peak_memory"])
