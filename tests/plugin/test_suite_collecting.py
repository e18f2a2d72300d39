from __future__ import annotations

import types
from typing import TYPE_CHECKING

import pytest

from paceline.plugin.collecting import Collecting, collected_of_worker
from paceline.probes.clock import Real
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from paceline.model import Measurement

WORKER = pytest.param(("-n", "2"), marks=pytest.mark.slow)
SHARED = """
import pytest

@pytest.fixture(scope="session")
def server(): pass

@pytest.fixture(scope="module")
def app(server): pass
"""
USING = """
import pytest

def test_one(app): pass

class TestIt:
    @pytest.mark.parametrize("n", [1, 2])
    def test_two(self, app, n): pass

def test_none(): pass
"""


def run(pytester: pytest.Pytester, *arguments: str) -> dict[tuple[str, str], Measurement]:
    """Run two files with Paceline on; give what was measured by metric and case."""
    pytester.makeconftest(SHARED)
    pytester.makepyfile(test_a=USING, test_b=USING)
    quiet = ("--paceline", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    pytester.runpytest_inprocess(*quiet, *arguments).assert_outcomes(passed=8)
    store = Store(pytester.path / ".paceline" / "paceline.sqlite", clock=float)
    found = store.measurements(store.runs()[0].id)
    return {(one.metric.name, str(one.case.id)): one for one in found}


@pytest.mark.parametrize("workers", [(), WORKER])
def test_collecting_each_file_and_all_of_them_is_timed(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    found = run(pytester, *workers)
    files = [case for metric, case in found if metric == "collection_time"]
    assert files == ["test_a.py", "test_b.py"]
    whole = [case for metric, case in found if metric == "run_collection_time"]
    assert set(whole) == ({"run#gw0", "run#gw1"} if workers else {"run"})
    one = found["run_collection_time", whole[0]].values[0]
    assert one > 0.0


@pytest.mark.parametrize("workers", [(), WORKER])
def test_users_of_shared_fixtures_are_counted_where_these_live(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    found = run(pytester, *workers)
    users = {case: one.values for (metric, case), one in found.items() if metric == "fixture_users"}
    assert users == {
        ".#fixture server": (6.0,),
        "test_a.py#fixture app": (3.0,),
        "test_b.py#fixture app": (3.0,),
    }


class Node:
    """A collector of which only its file is asked."""

    def __init__(self, nodeid: str, file: Node | None = None) -> None:
        self.nodeid = nodeid
        self._file = file

    def getparent(self, _kind: type) -> Node | None:
        return self._file


def collect(collecting: Collecting, node: Node, *within: Node) -> None:
    """Collect a node and, in the middle of it, others."""
    hook = collecting.pytest_make_collect_report(node)  # type: ignore[arg-type]
    next(hook)
    for inner in within:
        collect(collecting, inner)
    with pytest.raises(StopIteration):
        hook.send(None)  # type: ignore[arg-type]


def test_a_collector_is_timed_without_what_it_collects_on_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = iter((0.0, 1.0, 3.0, 10.0, 20.0, 25.0))
    monkeypatch.setattr(Real, "perf_counter", staticmethod(lambda: next(ticks)))
    collecting = Collecting(types.SimpleNamespace(stash=pytest.Stash()))  # type: ignore[arg-type]
    file, inner = Node("a.py"), Node("b.py")
    file._file, inner._file = file, inner
    collect(collecting, file, inner)
    collect(collecting, Node("a.py::TestIt", file))
    assert [one.values for one in collecting.found().files] == [(2.0,), (13.0,)]


def test_a_worker_that_told_nothing_has_collected_nothing() -> None:
    assert collected_of_worker(types.SimpleNamespace()) is None
    assert collected_of_worker(types.SimpleNamespace(workeroutput={})) is None
