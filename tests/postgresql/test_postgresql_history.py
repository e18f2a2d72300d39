"""Branches, permalinks and a sweep mean on a server what they mean on a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.postgresql.borrowed import borrowed_from
from tests.unit.store import test_references_branches

from paceline.engine.vacuum import vacuum
from paceline.store.content import content_of
from paceline.store.retention import Retention

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

pytestmark = pytest.mark.slow

filled = test_references_branches.filled
globals().update(borrowed_from(test_references_branches))


def test_a_run_on_a_server_has_the_name_that_it_has_anywhere(shelf: Shelf) -> None:
    run = shelf.keep("a", shelf.measurement(unsure="noisy"))
    shelf.store.keep_resources(run.id, (shelf.record(),))
    shelf.store.finish(run)
    found = content_of(run, shelf.store.measurements(run.id), shelf.store.resources(run.id))
    assert shelf.store.contents() == {run.id: found}


def test_a_dry_run_on_a_server_is_rolled_back(shelf: Shelf) -> None:
    for name in "abc":
        shelf.keep(name, branch="main")
    policy = Retention(keep_runs=1)
    dry = vacuum(shelf.store, policy, dry_run=True)
    assert len(shelf.store.runs()) == 3
    assert vacuum(shelf.store, policy) == dry
    assert [run.id for run in shelf.store.runs()] == ["c"]
    assert (dry.before, dry.after) == (None, None)
