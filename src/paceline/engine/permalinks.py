"""Permalinks: names of runs, and of comparisons, that mean the same in every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.store.references import PERMALINK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.model import Run, RunId
    from paceline.store.sqlite import Store

__all__ = ["permalinks_of", "split", "written"]

_DIGITS = 16


def permalinks_of(store: Store, runs: Iterable[Run]) -> dict[RunId, str]:
    """Give each run's permalink, "" for one that was cut off or is older than permalinks."""
    contents = store.contents()
    return {run.id: written(contents.get(run.id, "")) for run in runs}


def split(reference: str) -> tuple[str, str]:
    """Part the permalink of a comparison, ``base..head``; of anything else the head is ""."""
    base, dots, head = reference.partition("..")
    if not (base and dots and head) or reference.endswith(".json") or head.startswith("."):
        return reference, ""
    return base, head


def written(content: str) -> str:
    """Write the permalink of a content, "" for none."""
    return f"{PERMALINK}{content[:_DIGITS]}" if content else ""
