from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from paceline.cli.changes import changes_lines
from paceline.engine.changes import Changes, Shift
from paceline.model import Estimate, Host, Run, RunId
from paceline.stats.changepoint import ChangePoint
from paceline.store.triage import SeriesKey

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Place

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")
SIZE = Estimate(0.219, 0.198, 0.24, 0.95, "")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stepped")


@pytest.fixture
def stepped(place: Place, kept: Path) -> Place:
    """Give a project of twelve runs, the newer half a fifth slower, recorded once for all tests."""
    source = type(place)(kept, place.capsys)
    if not source.store.path.exists():
        for at, name in enumerate("abcdefghijkl"):
            source.keep(name, 1.2 if at >= 6 else 1.0 + at % 2 / 500)
    shutil.copytree(source.store.path.parent, place.store.path.parent)
    return place


def recorded(name: str, commit: str) -> Run:
    return Run(RunId(name * 8), 0.0, HOST, commit, complete=True)


def changed(*commits: str) -> Changes:
    """Make one change point between runs of these commits."""
    since, first, until = map(recorded, "abc", commits)
    point = ChangePoint(5, SIZE, 2.0, 5, 6)
    series = SeriesKey("test_one", "wall_time", HOST.kind)
    return Changes(series, (Shift(point, first, since, until),), 12)


def test_a_change_point_is_marked_in_the_curve_the_list_and_a_table_of_its_own(
    stepped: Place,
) -> None:
    lines = stepped.paceline("history", "test_one").out.splitlines()
    assert lines[1].startswith("▁▁▁▁▁▁██████  ")
    assert lines[2] == "      ^"
    assert [line.split()[2] for line in lines if line.endswith("level +19.9 %")] == ["gggggggg"]
    assert lines[-1].split()[0] == "+19.9"
    assert lines[-1].split()[3:] == ["gggggggg", "gggg", "ffff..gggg", "new"]


def test_triage_is_kept_and_shown_with_its_note(stepped: Place) -> None:
    words = ("--triage", "gggg=expected", "--note", "a new parser")
    assert stepped.paceline("history", "test_one", *words).status == 0
    last = stepped.paceline("history", "test_one").out.splitlines()[-1]
    assert last.endswith("expected  a new parser")
    assert "expected" not in stepped.paceline("history", "test_two").out


def test_json_holds_change_points_with_range_interval_and_state(stepped: Place) -> None:
    stepped.paceline("history", "test_one", "--triage", "gggg=confirmed")
    (found,) = json.loads(stepped.paceline("history", "test_one", "--json").out)["change_points"]
    assert found["size"]["low"] < found["size"]["point"] < found["size"]["high"]
    assert [found[end]["commit"] for end in ("since", "first", "until")] == ["ffff", "gggg", "gggg"]
    assert (found["state"], found["note"]) == ("confirmed", "")


def test_a_change_point_before_the_shown_runs_is_counted(stepped: Place) -> None:
    out = stepped.paceline("history", "test_one", "--limit", "3").out
    assert out.endswith("1 earlier change point: --limit 12 shows all\n")
    assert "^" not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--triage", "gggg=expected"), "--triage is about one case"),
        (("test_one", "--note", "why"), "--note belongs to --triage"),
        (("test_one", "--triage", "gggg"), "COMMIT=new|confirmed|expected|ignored"),
        (("test_one", "--triage", "gggg=fine"), "COMMIT=new|confirmed|expected|ignored"),
        (("test_one", "--triage", "zzzz=ignored"), "name the first commit of one: gggg"),
    ],
)
def test_a_triage_that_cannot_be_is_met_with_what_can(
    stepped: Place, words: tuple[str, ...], said: str
) -> None:
    ended = stepped.paceline("history", *words)
    assert (ended.status, said in ended.err) == (2, True)


def test_a_step_between_runs_of_one_commit_is_not_put_on_the_code() -> None:
    line = list(changes_lines(changed("1a2b", "1a2b", "1a2b"), {RunId("b" * 8)}))[-1]
    assert "no commit: 1a2b has both levels" in line


def test_without_commits_the_runs_are_named() -> None:
    line = list(changes_lines(changed("", "", ""), {RunId("b" * 8)}))[-1]
    assert "run aaaaaaaa..run cccccccc" in line
