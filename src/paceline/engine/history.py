"""History: find the run that another one is compared with."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.engine.judgement import Compared
from paceline.engine.permalinks import permalinks_of, written
from paceline.engine.references import Finder
from paceline.errors import Place, StoreError
from paceline.guard.baseline import ACCOMPANYING, Recorded
from paceline.store.content import content_of
from paceline.store.references import UnknownRunError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paceline.engine.judgement import Judgement
    from paceline.model import Resources, Run
    from paceline.store.exchange import RunDocument
    from paceline.store.sqlite import Store

__all__ = [
    "compared_with",
    "lineage",
    "permalink",
    "recorded",
    "recorded_with_notes",
    "records_of",
    "with_saved_names",
]

_RUNS = 40  # what a machine did longer ago says little about it
_AMONG = 10 * _RUNS  # runs that are looked through for those of the same host


def recorded(store: Store, reference: str, *, root: Path) -> Recorded:
    """Load a run by any reference, or from an exported file, as `recorded_with_notes` does.

    Raises:
        StoreError: nothing fits, or the file is no export.
    """
    return recorded_with_notes(store, reference, root=root)[0]


def recorded_with_notes(
    store: Store,
    reference: str,
    *,
    root: Path,
    head: Run | None = None,
    environ: Mapping[str, str] = os.environ,
) -> tuple[Recorded, tuple[str, ...]]:
    """Load a run and what should be said about how it was found; ``root`` is the project.

    ``head`` is the run that it is compared with. A file is looked for in the current folder, then
    in the project.

    Raises:
        StoreError: nothing fits, or the file is no export.
    """
    if reference.endswith(".json"):
        document = _document(reference, root)
        return Recorded(document.run, document.measurements), ()
    found = Finder(store, root, environ).find(reference, head=head)
    notes = (*found.notes, found.hides) if found.hides else found.notes
    return Recorded(found.run, store.measurements(found.run.id)), notes


def permalink(
    store: Store, references: Sequence[str], found: Sequence[Recorded], *, root: Path
) -> str:
    """Name runs by what they hold, ``base..head`` for two, "" where one has no such name."""
    links = [
        written(content_of(*_document(reference, root)))
        if reference.endswith(".json")
        else permalinks_of(store, (one.run,))[one.run.id]
        for reference, one in zip(references, found, strict=True)
    ]
    return "..".join(links) if all(links) else ""


def with_saved_names(judgement: Judgement, store: Store) -> Judgement:
    """Let a judgement without a baseline know the names that there are: its advice rests on it."""
    if judgement.document.baseline:
        return judgement
    try:
        names = tuple(one.name for one in store.baselines())
    except StoreError:  # said where the run was to be kept
        return judgement
    document = dataclasses.replace(judgement.document, saved=names)
    return dataclasses.replace(judgement, document=document)


def records_of(store: Store, reference: str, run: Run) -> tuple[Resources, ...]:
    """Load what the tests of a recorded run took; nothing where the run comes from a file."""
    return () if reference.endswith(".json") else store.resources(run.id)


def compared_with(store: Store, reference: str, *, root: Path, head: Run) -> Compared:
    """Load what a run is compared with; a baseline that is not saved yet gives None.

    With it come the runs that tell how far runs of the same code lie apart.

    Raises:
        StoreError: the store or the file can't be read.
    """
    try:
        base, notes = _base(store, reference, root=root, head=head)
    except UnknownRunError as unknown:
        return Compared(reference, None, notes=_unknown(reference, unknown))
    return Compared(reference, base, history=lineage(store, base, head), notes=notes)


def _base(
    store: Store, reference: str, *, root: Path, head: Run
) -> tuple[Recorded, tuple[str, ...]]:
    """Load a base; that a saved name is a branch's as well is no news in every single run."""
    if reference.endswith(".json"):
        return recorded(store, reference, root=root), ()
    found = Finder(store, root, os.environ).find(reference, head=head)
    return Recorded(found.run, store.measurements(found.run.id)), found.notes


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


def _unknown(reference: str, unknown: UnknownRunError) -> tuple[str, ...]:
    """Say why there is no nearest run; a name that is not saved yet speaks for itself."""
    if reference.partition(":")[0] != "nearest":
        return ()
    return (f"{unknown.problem}: {unknown.remedy}",)


def _document(reference: str, root: Path) -> RunDocument:
    """Read an exported run from the current folder, or else from the project."""
    from paceline.store.exchange import load_run  # noqa: PLC0415  (only for files)

    here = Path.cwd() / reference
    file = here if here.exists() else root / reference
    place = Place(str(file))
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise StoreError(f"not a readable export: {error}", place=place) from error
    return load_run(text, place)
