"""The measuring of whole suites reads, bounds, compares and judges as its page says."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paceline.model import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def parts() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        names = ("figures", "made", "suites", "measuring", "checking", "table", "running")
        yield {name: importlib.import_module(f"suite_speed.{name}") for name in names}
    for name in [name for name in sys.modules if name.partition(".")[0] == "suite_speed"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def figures(parts: dict[str, Any]) -> Any:
    return parts["figures"]


def make_round(figures: Any, *, ours: float = 6.0, foreign: float = 0.0, **facts: Any) -> Any:
    ran = figures.Ran
    plain = ran(facts.get("wall", 10.0), 10.0, 0, {"passed": 9}, facts.get("longest", 1.0))
    xdist = ran(7.0, 14.0, 0, {"passed": 9})
    mine = ran(ours, 10.5, 0, {"passed": facts.get("passed", 9)})
    return figures.Round(plain, ran(2.0, 2.0, 0), mine, xdist, foreign)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9 passed in 0.12s", {"passed": 9}),
        ("== 1 failed, 2 passed, 4 warnings in 1.5s ==", {"failed": 1, "passed": 2}),
        ("=== 2 errors in 0.34s ===", {"error": 2}),
        ("5 passed, 7 deselected, 1 xfailed in 75.00s (0:01:15)", {"passed": 5, "xfailed": 1}),
        ("1 passed in 0.01s\n= 2 passed in 0.10s =", {"passed": 2}),
        ("= no tests ran in 0.10s =", {}),
        ("Killed", {}),
    ],
)  # fmt: skip
def test_outcomes_are_read_from_the_last_line(
    figures: Any, text: str, expected: dict[str, int]
) -> None:
    assert figures.counted(f"3 passed this\n{text}\n") == expected


def test_the_longest_test_is_that_of_all_its_phases(figures: Any) -> None:
    text = (
        "=== slowest 60 durations ===\n0.50s call     test_a.py::test_one[x y]\n"
        "0.30s setup    test_a.py::test_two\n0.25s call     test_a.py::test_two\n"
        "0.00s teardown test_a.py::test_one[x y]\n"
    )
    assert figures.longest(text) == pytest.approx(0.55)
    assert figures.longest("2 passed in 0.10s") == 0


@pytest.mark.parametrize(("longest", "expected"), [(1.0, 6.0), (7.5, 7.5)])
def test_the_bound_is_shared_work_or_the_longest_test(
    figures: Any, longest: float, expected: float
) -> None:
    assert make_round(figures, longest=longest).bound == expected


@pytest.mark.parametrize(("wall", "expected", "waits"), [(10.0, 6.0, False), (18.0, 10.0, True)])
def test_a_suite_that_waits_has_a_bound_of_its_own(
    figures: Any, wall: float, expected: float, waits: bool
) -> None:
    one = make_round(figures, wall=wall)
    assert (one.waiting_bound, one.bound, one.waits) == (expected, 6.0, waits)


@pytest.mark.parametrize(
    ("low", "high", "level", "word"),
    [
        (0.9, 1.1, 0.95, "kept"),
        (0.9, 1.11, 0.95, "unsure"),
        (1.11, 1.2, 0.95, "MISSED"),
        (0.9, 1.0, 0.0, "unsure"),
    ],
)
def test_a_claim_is_judged_by_the_whole_interval(
    figures: Any, low: float, high: float, level: float, word: str
) -> None:
    found = Estimate((low + high) / 2, low, high, level, "")
    assert figures.Claim("wall", 1.1).verdict(found) == word


def test_a_mode_that_breaks_the_suite_is_no_best_mode(figures: Any) -> None:
    ran = figures.Ran
    green, red = {"passed": 9}, {"failed": 6, "passed": 3}
    modes = {
        "load": ran(60.0, 1.0, None),
        "worksteal": ran(2.0, 4.0, 1, red),
        "loadscope": ran(5.0, 9.0, 0, green),
        "loadfile": ran(4.0, 9.0, 0, green),
    }
    best, broken = figures.best_mode(ran(8.0, 8.0, 0, green), modes)
    assert best == "loadfile"
    assert broken == {"load": "hangs", "worksteal": "6 failed, 3 passed"}
    assert figures.best_mode(ran(8.0, 8.0, 0, green), {"load": modes["load"]})[0] is None


def test_ratios_are_taken_within_rounds(figures: Any) -> None:
    """The second round ran at half the speed, which no ratio shows."""
    one = make_round(figures)
    slow = figures.Round(
        *(
            figures.Ran(2 * ran.wall, 2 * ran.cpu, 0, ran.outcomes, 2 * ran.longest)
            for ran in (one.plain, one.collection, one.ours, one.xdist)
        ),
        foreign=0.0,
    )
    found = figures.over([one, slow, one, slow, one])
    assert {name: value.point for name, value in found.items()} == pytest.approx(
        {"plain": 0.6, "bound": 1.0, "waiting bound": 1.0, "xdist": 6 / 7, "cpu": 1.05}
    )
    assert found["bound"].low == pytest.approx(found["bound"].high)


def test_reports_differ_by_how_often_they_were_said(figures: Any) -> None:
    serial = [("t::a", "call", "passed"), ("t::b", "call", "failed")]
    assert figures.differences(serial, serial[::-1]) == []
    twice = [serial[0], serial[0], ("t::b", "call", "passed")]
    said = figures.differences(serial, twice)
    assert said == ["+1 t::a call passed", "-1 t::b call failed", "+1 t::b call passed"]


@pytest.mark.parametrize(
    ("calm", "ours", "word"), [(True, 6.0, "kept"), (False, 6.0, "unsure"), (True, 9.0, "MISSED")]
)
def test_nothing_is_claimed_from_disturbed_rounds(
    parts: dict[str, Any], figures: Any, calm: bool, ours: float, word: str
) -> None:
    rounds = (make_round(figures, ours=ours),) * 5
    one = parts["measuring"].Measured("attrs", rounds, "load", {}, 0, calm, 0)
    said = parts["table"].verdicts(one)
    assert (said["bound"], said["xdist"]) == (word, word)
    assert "trivial" not in said


def test_xdist_is_no_rival_where_it_breaks_the_suite(parts: dict[str, Any], figures: Any) -> None:
    broken = {"load": "6 failed"}
    rounds = (make_round(figures),) * 5
    one = parts["measuring"].Measured("rich", rounds, "load", broken, 0, True, 0)
    assert set(parts["table"].verdicts(one)) == {"bound", "cpu"}


def test_the_made_suites_are_what_they_are_called(parts: dict[str, Any]) -> None:
    made = parts["made"].MADE
    for name, files in ((name, make()) for name, make in made.items()):
        assert all(ast.parse(text) for text in files.values()), name
    trivial = made["trivial"]()
    assert len(trivial) == 50
    assert sum(text.count("def test_") for text in trivial.values()) == 5_000
    assert made["sleeps"]() == made["sleeps"]()


def test_a_suite_is_run_without_what_is_not_measured(parts: dict[str, Any]) -> None:
    suite = parts["suites"].Suite("made", Path(), "python", ("tests",))
    assert {"no:paceline", "no:xdist"} <= set(suite.plain())
    assert "no:paceline" in suite.xdist("load")
    assert suite.ours(("--flag",))[-2:] == ["--flag", "tests"]


def test_an_unknown_suite_is_an_error(parts: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        parts["suites"].found(["nothing"], public=tmp_path, above=tmp_path)


@pytest.mark.slow
def test_processor_time_of_grandchildren_counts_and_a_hang_ends(
    parts: dict[str, Any], tmp_path: Path
) -> None:
    inner = "import time\nwhile time.process_time() < 0.3: pass"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    took, _ = parts["running"].ran([sys.executable, "-c", outer], tmp_path, limit=60)
    assert (took.status, took.cpu >= 0.3) == (0, True)
    hung = [sys.executable, "-c", "import time; time.sleep(600)"]
    took, _ = parts["running"].ran(hung, tmp_path, limit=0.3)
    assert took.status is None


@pytest.mark.slow
@pytest.mark.parametrize("flags", [("-p", "no:xdist"), ("-n", "1")])
def test_a_run_of_the_same_tests_reports_the_same(
    parts: dict[str, Any], tmp_path: Path, flags: tuple[str, ...]
) -> None:
    files = {"test_a.py": "def test_good(): pass\ndef test_bad(): assert 0\n"}
    suite = parts["suites"].Suite("two", parts["made"].make(files, tmp_path / "two"))
    flags = ("-p", "no:paceline", *flags)
    assert parts["checking"].identical(suite, flags, 1, tmp_path) == [[]]
    left_out = ("--deselect=test_a.py::test_bad", *flags)
    (unlike,) = parts["checking"].identical(suite, left_out, 1, tmp_path)
    assert "-1 test_a.py::test_bad call failed" in unlike


@pytest.mark.slow
def test_a_start_is_seen_in_every_process_that_runs_a_test(
    parts: dict[str, Any], tmp_path: Path
) -> None:
    suite = parts["suites"].Suite(
        "start", parts["made"].make(parts["made"].STARTUP, tmp_path / "s")
    )
    (seconds,) = parts["checking"].starts(suite, suite.plain(), tmp_path)
    assert seconds >= 0
    assert all(one > 0 for one in parts["checking"].starts(suite, suite.xdist("load"), tmp_path))
