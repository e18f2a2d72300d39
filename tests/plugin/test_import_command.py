"""What pytest itself writes comes in under the node ids that pytest gives, and plans use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.cli import main
from paceline.errors import Place
from paceline.store.exchange.junit import read_junit
from paceline.store.exchange.log import read_log
from paceline.store.place import FOLDER, NAME
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

PLACE = Place("file")
SUITE = """
import pytest

class TestUpper:
    class TestInner:
        def test_inside(self):
            pass

    @pytest.mark.parametrize("text", ["a b", "é", "[1]", "a::b", "x/y.z", "#"])
    def test_parameters(self, text):
        pass

def test_failing():
    assert False

@pytest.mark.skip
def test_skipped():
    pass

@pytest.mark.xfail
def test_expected():
    assert False

@pytest.fixture
def broken():
    raise ValueError

def test_broken(broken):
    pass
"""
OUTCOMES = {
    "test_failing": "failed",
    "test_skipped": "skipped",
    "test_expected": "xfailed",
    "test_broken": "error",
    "test_inside": "passed",
}


@pytest.fixture
def project(pytester: pytest.Pytester) -> Path:
    folder = pytester.path / "tests" / "Api"
    folder.mkdir(parents=True)
    (folder / "test_names.py").write_text(SUITE, encoding="utf-8")
    return pytester.path


def collected(pytester: pytest.Pytester) -> set[str]:
    items, _recorder = pytester.inline_genitems()
    return {item.nodeid for item in items}


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
@pytest.mark.parametrize("known", [True, False], ids=["files there", "files elsewhere"])
def test_a_report_of_pytest_has_its_node_ids_and_outcomes(
    pytester: pytest.Pytester, project: Path, family: str, *, known: bool
) -> None:
    pytester.runpytest_inprocess("--junitxml=junit.xml", "-o", f"junit_family={family}")
    data = (project / "junit.xml").read_bytes()
    records = read_junit(
        data, PLACE, is_file=lambda path: known and (project / path).is_file()
    ).resources
    assert {one.case.node_id for one in records} == collected(pytester)
    ended = {one.case.name: one.turn.outcome for one in records}
    assert {name: ended[name] for name in OUTCOMES} == OUTCOMES
    assert all(one.figure("test_time") is not None for one in records)


@pytest.mark.parametrize("flags", [(), ("-n2",)], ids=["alone", "xdist"])
def test_a_log_of_pytest_has_its_node_ids_outcomes_and_workers(
    pytester: pytest.Pytester, project: Path, flags: tuple[str, ...]
) -> None:
    assert project.exists()
    ran = pytester.runpytest_subprocess("-vv", "--durations=0", *flags)
    records = read_log(ran.stdout.str(), PLACE).resources
    assert {one.case.node_id for one in records} == collected(pytester)
    ended = {one.case.name: one.turn.outcome for one in records}
    known = {name: ended[name] for name in OUTCOMES if name in ended}
    assert known == {name: OUTCOMES[name] for name in known}
    assert {one.turn.worker for one in records} <= ({"gw0", "gw1"} if flags else {""})


def test_a_plan_expects_what_an_imported_report_says(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(test_a="def test_long(): pass\ndef test_short(): pass\n")
    pytester.makepyprojecttoml("[tool.paceline]\n")
    (pytester.path / "junit.xml").write_text(
        '<testsuite name="pytest"><testcase classname="test_a" name="test_long" time="75"/>'
        '<testcase classname="test_a" name="test_short" time="0.5"/></testsuite>'
    )
    monkeypatch.chdir(pytester.path)
    assert main(["import", "junit.xml"]) == 0
    store = Store(pytester.path / FOLDER / NAME, clock=lambda: 0.0)
    assert {one.node_id: one.seconds for one in store.past().tests} == {
        "test_a.py::test_long": 75.0,
        "test_a.py::test_short": 0.5,
    }
    said = pytester.runpytest_subprocess("--paceline", "--paceline-workers=2", "--paceline-explain")
    said.stdout.fnmatch_lines(["longest  75.00 s test_a.py::test_long"])
