from __future__ import annotations

import gc
import json
from typing import Any

import pytest

from paceline.plugin import resources
from paceline.plugin.resources import run_of_worker
from paceline.probes.clock import Real

WORKER = pytest.param(("-n", "1"), marks=pytest.mark.slow)
RECORDER = """
import json
import pytest
from paceline.plugin.resources import (
    ResourceRecording, measurements_of, records_of, run_of, run_of_worker
)
from paceline.probes.resource_options import ResourceOptions

@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if not config.getoption("dist", "no") != "no" or hasattr(config, "workerinput"):
        options = ResourceOptions(audit=AUDIT)
        config.pluginmanager.register(ResourceRecording(config, options), "paceline-resources")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Hearing())

class Hearing:
    def __init__(self):
        self.found, self.run = [], []

    def pytest_runtest_logreport(self, report):
        for one in records_of(report):
            self.found.append([one.case.node_id, one.case.label, list(one.case.markers),
                               list(one.figures), dict(one.unsure)])
        for one in measurements_of(report):
            self.found.append([one.case.node_id, one.metric.name, [], list(one.values), {}])

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        self.run += run_of_worker(node)

    def pytest_sessionfinish(self, session):
        self.run += run_of(session.config)
        run = [[one.case.label, one.metric.name, list(one.values)] for one in self.run]
        (session.config.rootpath / "found.json").write_text(json.dumps([self.found, run]))
"""


def run(
    pytester: pytest.Pytester, text: str, *arguments: str, audit: bool = False
) -> tuple[pytest.RunResult, list[list[Any]], list[list[Any]]]:
    pytester.makeconftest(RECORDER.replace("AUDIT", str(audit)))
    pytester.makepyfile(test_a=text)
    quiet = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    result = pytester.runpytest_inprocess(*quiet, *arguments)
    found, whole = json.loads((pytester.path / "found.json").read_text("utf-8"))
    return result, found, whole


def cases(found: list[list[Any]]) -> list[tuple[str, str]]:
    return [(node_id, label) for node_id, label, *_ in found]


SHARED = """
import pytest

@pytest.fixture(scope="module", params=["x", 2, [3]])
def data(request): return request.param

@pytest.fixture(scope="session")
def server(): pass

@pytest.fixture
def client(server): pass

class TestIt:
    @pytest.mark.parametrize("n", [1])
    def test_it(self, client, n): pass

def test_data(data): pass
"""


SHARED_CASES = [
    ("test_a.py::TestIt::test_it[1]", ""),
    (".", "fixture server"),
    ("test_a.py::TestIt::test_it[1]", "fixture client"),
    ("test_a.py::test_data[x]", ""),
    ("test_a.py", "fixture data[x]"),
    ("test_a.py::test_data[2]", ""),
    ("test_a.py", "fixture data[2]"),
    ("test_a.py::test_data[data2]", ""),
    ("test_a.py", "fixture data[data2]"),
]


@pytest.mark.parametrize("workers", [(), WORKER])
def test_every_test_and_fixture_leaves_a_record(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    result, found, _ = run(pytester, SHARED, *workers)
    result.assert_outcomes(passed=4)
    assert cases(found) == SHARED_CASES


@pytest.mark.parametrize("workers", [(), WORKER])
def test_every_process_tells_what_it_took_over_the_run(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    _, _, whole = run(pytester, "def test_it(): pass", *workers)
    name = "gw0" if workers else ""
    assert [row[:2] for row in whole] == [[name, "run_peak"], [name, "run_growth"]]
    assert whole[0][2][0] > 10e6


OUTCOMES = """
import pytest, unittest

@pytest.fixture
def broken(): raise ValueError

@pytest.mark.skip
def test_skipped(): pass
def test_broken(broken): pass
def test_failing(): assert 0
def test_parts(subtests):
    for part in range(2):
        with subtests.test(): pass

class TestOld(unittest.TestCase):
    @classmethod
    def setUpClass(cls): pass
    def test_it(self): pass
"""


def test_every_outcome_leaves_one_record_with_the_phases_that_ran(
    pytester: pytest.Pytester,
) -> None:
    result, found, _ = run(pytester, OUTCOMES)
    assert result.parseoutcomes()["failed"] == 1
    tests = {node_id.rpartition("::")[2]: row for node_id, label, _, row, _ in found if not label}
    called = {name: row[2] is not None for name, row in tests.items()}
    assert called == {
        "test_skipped": False,
        "test_broken": False,
        "test_failing": True,
        "test_parts": True,
        "test_it": True,
    }
    assert ("test_a.py::test_broken", "fixture broken") in cases(found)


def test_a_doctest_leaves_a_record(pytester: pytest.Pytester) -> None:
    _, found, _ = run(pytester, "def f():\n    '''\n    >>> 1\n    1\n    '''", "--doctest-modules")
    assert ("test_a.py::test_a.f", "") in cases(found)


MARKED = """
import pytest
pytestmark = pytest.mark.usefixtures('tmp_path')
@pytest.mark.filterwarnings("error")
class TestIt:
    @pytest.mark.skipif(False, reason="")
    def test_it(self): pass
    def test_other(self): pass
"""


def test_a_record_knows_the_markers_of_its_test_the_closest_first(
    pytester: pytest.Pytester,
) -> None:
    _, found, _ = run(pytester, MARKED)
    assert [row[2] for row in found if not row[1]] == [
        ["skipif", "filterwarnings", "usefixtures"],
        ["filterwarnings", "usefixtures"],
    ]


def test_a_test_that_ends_pytest_leaves_nothing_behind(pytester: pytest.Pytester) -> None:
    before = list(gc.callbacks)
    text = "import pytest\ndef test_a(): pass\ndef test_b(): pytest.exit('enough')"
    _, found, whole = run(pytester, text)
    assert cases(found) == [("test_a.py::test_a", "")]
    assert [row[1] for row in whole] == ["run_peak", "run_growth"]
    assert gc.callbacks == before


@pytest.mark.slow
def test_a_session_inside_a_test_has_records_of_its_own(pytester: pytest.Pytester) -> None:
    text = """
pytest_plugins = "pytester"
def test_outer(pytester):
    pytester.makepyfile("def test_inner(): pass")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
"""
    result, found, _ = run(pytester, text)
    result.assert_outcomes(passed=1)
    assert [row[0] for row in found if not row[1]] == ["test_a.py::test_outer"]


MEMORY = """
import pytest
@pytest.fixture
def big():
    held = bytearray(40 * 1024**2)
    yield held
def test_big(big): pass
def test_small(): pass
"""


def test_memory_of_a_fixture_counts_for_its_test_alone(pytester: pytest.Pytester) -> None:
    _, found, _ = run(pytester, MEMORY)
    rise = {(row[0].rpartition("::")[2], row[1]): row[3][7] for row in found}
    assert rise["test_big", ""] > 35e6
    assert rise["test_big", "fixture big"] > 35e6
    assert rise["test_small", ""] < 5e6


def test_times_of_a_test_that_traces_memory_are_unsure(pytester: pytest.Pytester) -> None:
    text = (
        "import tracemalloc\ndef test_it(): tracemalloc.start()\ndef test_b(): tracemalloc.stop()"
    )
    _, found, _ = run(pytester, text)
    assert all("test_time" in row[4] for row in found)
    assert all("test_threads" not in row[4] for row in found)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_events_are_counted_where_they_are_asked_for(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    text = "import os\ndef test_it():\n    [open(os.devnull).close() for _ in range(7)]"
    pytester.makeconftest(RECORDER.replace("AUDIT", "True"))
    pytester.makepyfile(test_a=text)
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", *workers)
    done.assert_outcomes(passed=1)
    found = json.loads((pytester.path / "found.json").read_text("utf-8"))[0]
    counts = {row[1]: row[3] for row in found}
    assert 7 <= counts["test_files_opened"][0] < 20
    assert counts["test_connections"] == [0]


def test_a_worker_that_crashed_told_nothing() -> None:
    class Node:
        class gateway:  # noqa: N801  (as xdist names it)
            id = "gw3"

    assert {one.unsure for one in run_of_worker(Node())} == {"worker gw3 ended before it told"}


def test_a_forked_childs_record_rides_on_the_report_that_the_child_makes() -> None:
    class Recording:
        def ride(self, report: list[str]) -> None:
            report.append("record")

    hook = resources._Riding(Recording()).pytest_runtest_makereport()  # type: ignore[arg-type]
    next(hook)
    report: Any = []
    with pytest.raises(StopIteration) as stopped:
        hook.send(report)
    assert stopped.value.value == ["record"]


KEEPING = """
import pytest
from paceline.plugin.resources import RECORDS, ResourceRecording
from paceline.probes.resource_options import ResourceOptions

KEPT = []

@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    recording = ResourceRecording(config, ResourceOptions(), keep=KEPT.extend)
    config.pluginmanager.register(recording, "paceline-resources")

def pytest_runtest_logreport(report):
    assert not hasattr(report, RECORDS)

def pytest_sessionfinish():
    for one in KEPT:
        print("\\nKEPT", one.case.id, one.figure("test_cpu_time"))
"""


def test_in_one_process_records_are_handed_over_without_a_detour(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeconftest(KEEPING)
    pytester.makepyfile(test_a="def test_a(): pass\ndef test_b(tmp_path): pass")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)
    kept = [line.split()[1] for line in result.outlines if line.startswith("KEPT")]
    assert kept[:2] == ["test_a.py::test_a", "test_a.py::test_b"]
    assert "test_a.py::test_b#fixture" in kept


@pytest.mark.parametrize(("many", "patience", "sizes"), [(2, 9e9, "32"), (9, 0.0, "1211")])
def test_records_are_handed_over_in_batches_by_number_or_by_time(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    many: int,
    patience: float,
    sizes: str,
) -> None:
    monkeypatch.setattr(resources, "_MANY", many)
    monkeypatch.setattr(resources, "_PATIENCE", patience)
    text = KEEPING.replace("KEPT.extend", "lambda records: KEPT.extend(records) or SIZES(records)")
    pytester.makeconftest(f"{text}\n\ndef SIZES(records): print('SIZE', len(records))")
    pytester.makepyfile(
        test_a="import pytest\n@pytest.fixture\ndef one(): pass\n"
        "def test_a(): pass\ndef test_b(one): pass\ndef test_c(): pass\ndef test_d(): pass"
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-s")
    said = [line for line in result.outlines if "SIZE" in line]
    assert "".join(line.split()[-1] for line in said).rstrip("0") == sizes


FILES = """
import os, pytest

def leave(request):
    file = os.dup(0)
    request.addfinalizer(lambda: os.close(file))

@pytest.fixture
def inner(): pass

@pytest.fixture
def outer(request):
    leave(request)
    request.getfixturevalue("inner")

@pytest.fixture
def after(outer): pass

@pytest.fixture
def late(): pass

def test_it(after, request):
    leave(request)
    request.getfixturevalue("late")
"""


def test_what_code_around_a_set_up_leaves_is_not_that_set_ups(pytester: pytest.Pytester) -> None:
    _, found, _ = run(pytester, FILES)
    files = {row[1]: row[3][10] for row in found}
    assert files == {
        "": 0,
        "fixture inner": 0,
        "fixture outer": 1,
        "fixture after": 0,
        "fixture late": 0,
    }


FAILING = """
def deep(n):
    return deep(n - 1) if n else 1 / 0

def test_it():
    deep(60)
"""


def test_the_work_on_a_traceback_is_not_the_tests(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([107.5, 100.0, 200.0])  # backwards: what is set aside is then seen as a gain
    monkeypatch.setattr(Real, "process_time", lambda: next(seconds))
    _, found, _ = run(pytester, FAILING)
    assert 7.5 < found[0][3][4] < 8.5


BIG = "def test_big(): bytearray(60_000_000)\ndef test_small(): ...\n"
PLAIN = ("-p", "no:cacheprovider", "-p", "no:benchmark", "-p", "no:codspeed")


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_a_limit_for_all_tests_holds_without_opting_in_and_stores_nothing(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(BIG)
    result = pytester.runpytest_subprocess(*PLAIN, *workers, "--paceline-memory-limit=20 MiB")
    assert result.ret == 10
    result.stdout.fnmatch_lines(["BUDGET *test_big*test_process_rise*"])
    assert not (pytester.path / ".paceline").exists()


@pytest.mark.slow
@pytest.mark.parametrize("option", ["leaks-time", "memory-limit", "resources"])
def test_a_setting_that_does_not_fit_ends_pytest_before_any_test(
    pytester: pytest.Pytester, option: str
) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.no_leaks\ndef test_it(): ...\n")
    result = pytester.runpytest_subprocess(*PLAIN, f"--paceline-{option}=odd")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--paceline-{option}*'odd'*"])
