"""History: find the run that another one is compared with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from paceline.engine.judgement import Compared
from paceline.errors import Place, StoreError
from paceline.guard.baseline import ACCOMPANYING, Recorded

if TYPE_CHECKING:
    from pathlib import Path

    from paceline.model import Resources, Run
    from paceline.store.sqlite import Store

__all__ = ["compared_with", "lineage", "recorded", "records_of"]

_RUNS = 40  # what a machine did longer ago says little about it
_AMONG = 10 * _RUNS  # runs that are looked through for those of the same host


def recorded(store: Store, reference: str, *, root: Path) -> Recorded:
    """Load a run by baseline name, run id, commit, "latest", or an exported file.

    Raises:
        StoreError: nothing fits, or the file is no export.
    """
    file = root / reference
    if reference.endswith(".json"):
        return _from_file(file)
    run = store.find(reference)
    return Recorded(run, store.measurements(run.id))


def records_of(store: Store, reference: str, run: Run) -> tuple[Resources, ...]:
    """Load what the tests of a recorded run took; nothing where the run comes from a file."""
    return () if reference.endswith(".json") else store.resources(run.id)


def compared_with(store: Store, reference: str, *, root: Path, head: Run) -> Compared:
    """Load what a run is compared with; a baseline that is not saved yet gives None.

    With it come the runs that tell how far runs of the same code lie apart.

    Raises:
        StoreError: the store or the file can't be read.
    """
    known = {baseline.name for baseline in store.baselines()}
    named = reference in known or reference.endswith(".json")
    if not named and not _is_run(store, reference):
        return Compared(reference, None)
    base = recorded(store, reference, root=root)
    return Compared(reference, base, history=lineage(store, base, head))


def lineage(store: Store, base: Recorded, head: Run) -> tuple[Recorded, ...]:
    """Load the newest complete runs of the baseline's branch on hosts of the head's kind.

    The head is none of them; a baseline without a branch stands in line with every run. What only
    accompanies a time stays in the store.
    """
    runs = store.runs(limit=_AMONG, branch=base.run.branch, complete_only=True, measured_only=True)
    fitting = [run for run in runs if run.id != head.id and run.host.kind == head.host.kind]
    metrics = sorted({one.metric.name for one in base.measurements} - ACCOMPANYING)
    return tuple(
        Recorded(run, [one for name in metrics for one in store.measurements(run.id, metric=name)])
        for run in fitting[:_RUNS]
    )


def _is_run(store: Store, reference: str) -> bool:
    try:
        store.find(reference)
    except StoreError:
        return False
    return True


def _from_file(file: Path) -> Recorded:
    from paceline.store.exchange import read_run  # noqa: PLC0415  (only for files)

    place = Place(str(file))
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"not a readable export: {error}", place=place) from error
    run, measurements = read_run(data, place)
    return Recorded(run, measurements)
