from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from paceline.engine.recorder import open_store
from paceline.store.options import StoreOptions

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place

    from paceline.store.spool import Spool

AWAY = "postgresql://ann:secret@127.0.0.1:1/perf?connect_timeout=2"


@pytest.fixture
def spool(place: Place) -> Spool:
    place.settings(f'[tool.paceline.store]\npath = "{AWAY}"\n')
    spool = open_store(place.root, StoreOptions(path=AWAY)).spool
    assert spool is not None
    run = place.keep("a")
    spool.begin(run)
    spool.append(run.id, place.store.measurements(run.id))
    return spool


def test_a_project_whose_store_is_a_file_has_nothing_waiting(place: Place) -> None:
    place.keep("a")
    assert place.paceline("deliver") == (0, "nothing waits\n", "")


@pytest.mark.usefixtures("spool")
def test_a_dry_run_counts_what_waits_without_a_server(place: Place) -> None:
    assert place.paceline("deliver", "--dry-run") == (0, "2 records wait in 2 calls\n", "")
    told = json.loads(place.paceline("deliver", "--dry-run", "--json").out)
    assert told["waiting"] == {"calls": 2, "records": 2}
    assert told["delivered"] == {"calls": 0, "records": 0}


@pytest.mark.slow
def test_a_server_that_is_away_is_a_store_error_and_all_of_it_waits_on(
    place: Place, spool: Spool
) -> None:
    ended = place.paceline("deliver")
    assert ended.status == 14
    assert "postgresql://ann@127.0.0.1:1/perf" in ended.err
    assert "secret" not in ended.err
    assert len(spool.waiting()) == 2
