"""Categories, needs and what is skipped for markers, as a user's suite meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import paceline.plugin.categories
import paceline.plugin.collection
import paceline.plugin.dependents
import paceline.probes.connection
from paceline.errors import SettingsError
from paceline.plugin.categories import Categories, needs_of
from paceline.plugin.category_markers import MARKERS, register_markers
from paceline.suite.category_options import CategoryOptions
from paceline.suite.past import Known, Past
from paceline.suite.task import ORDINARY, Needs

if TYPE_CHECKING:
    from collections.abc import Iterable

QUIET = ("-pno:cacheprovider", "-pno:hypothesispytest", "-pno:asyncio", "--strict-markers")
SUITE = """
import pytest

@pytest.mark.slow
def test_slow(): pass

@pytest.mark.performance
def test_fast_enough(): pass

@pytest.mark.integration
def test_pieces(): pass

def test_plain(): pass

@pytest.mark.unit
def test_piece(): pass

@pytest.mark.smoke
def test_alive(): pass
"""


def names(result: pytest.RunResult) -> list[str]:
    return [line.split("::")[1].split()[0] for line in result.outlines if " PASSED" in line]


def test_markers_that_everybody_uses_are_known(pytester: pytest.Pytester) -> None:
    lines = [line.partition(":")[0].partition("(")[0] for line in MARKERS]
    marks = "\n".join(f"@pytest.mark.{name}" for name in lines if name != "timeout")
    pytester.makepyfile(f"import pytest\n{marks}\ndef test_one(): pass")
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=1)


def test_a_marker_of_the_project_keeps_its_own_words(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmarkers =\n    unit(level): our own words\n")
    said = pytester.runpytest_inprocess(*QUIET, "--markers").stdout.str()
    assert said.count("@pytest.mark.unit") == 1
    assert "our own words" in said
    assert "@pytest.mark.smoke: says whether" in said


def test_a_marker_is_left_to_the_plugin_it_belongs_to(pytester: pytest.Pytester) -> None:
    config = pytester.parseconfig("-pno:paceline")
    config.pluginmanager.register(object(), "timeout")
    register_markers(config)
    lines = config.getini("markers")
    assert not [line for line in lines if line.startswith("timeout")]
    assert [line for line in lines if line.startswith("depends_on")]


def test_tests_run_from_smoke_to_slow_when_asked(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_all=SUITE)
    result = pytester.runpytest_inprocess(*QUIET, "-v", "--paceline-order-by=category")
    asked = ["test_alive", "test_piece", "test_plain", "test_pieces"]
    assert names(result) == [*asked, "test_fast_enough", "test_slow"]


def test_failed_ones_still_come_first(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_all=SUITE.replace("test_plain(): pass", "test_plain(): assert 0"))
    pytester.runpytest_inprocess(*QUIET[1:])
    pytester.makepyfile(test_all=SUITE)
    asked = ("-v", "--ff", "--paceline-order-by=category")
    result = pytester.runpytest_inprocess(*QUIET[1:], *asked)
    assert names(result)[:2] == ["test_plain", "test_alive"]


def test_unmarked_tests_are_listed_and_none_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_all=SUITE)
    result = pytester.runpytest_inprocess(*QUIET, "--paceline-unmarked")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes()
    result.stdout.fnmatch_lines(["test_all.py::test_plain", "1 of 6 tests have no category"])


def test_a_suite_without_unmarked_tests_is_fine(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_all=SUITE.replace("def test_plain(): pass", ""))
    result = pytester.runpytest_inprocess(*QUIET, "--paceline-unmarked", "-q")
    assert result.ret == pytest.ExitCode.OK
    assert "::" not in result.stdout.str()


def test_listing_does_not_hide_a_collection_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_all="import nothing_of_this_name")
    for asked in ("--paceline-unmarked", "--paceline-dry-run"):
        result = pytester.runpytest_inprocess(*QUIET, asked)
        assert result.ret == pytest.ExitCode.INTERRUPTED


def test_workers_are_not_asked_for_lists(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_all=SUITE)
    for asked in ("--paceline-unmarked", "--paceline-dry-run"):
        result = pytester.runpytest_inprocess(*QUIET, "-n1", asked)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"*{asked} lists the tests of one process*"])


@pytest.mark.parametrize("how", ["option", "environment"])
def test_slow_tests_are_skipped_when_asked(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    pytester.makepyfile(test_all=SUITE)
    if how == "environment":
        monkeypatch.setenv("SKIP_SLOW_TESTS", "1")
    asked = ("--paceline-skip-slow",) if how == "option" else ()
    result = pytester.runpytest_inprocess(*QUIET, "-rs", *asked)
    result.assert_outcomes(passed=5, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*marked slow"])


NETWORK = """
import pytest
@pytest.mark.requires_network
def test_far(): pass
def test_near(): pass
"""


@pytest.mark.parametrize(
    ("asked", "way_out", "skipped"),
    [("auto", False, 1), ("auto", True, 0), ("auto", None, 0), ("on", False, 0), ("off", True, 1)],
)
def test_tests_that_require_a_network_are_skipped_offline(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    way_out: object,
    skipped: int,
) -> None:
    monkeypatch.setattr(paceline.probes.connection, "has_way_out", lambda: way_out)
    pytester.makepyfile(test_all=NETWORK)
    result = pytester.runpytest_inprocess(*QUIET, "--paceline", f"--paceline-network={asked}")
    result.assert_outcomes(passed=2 - skipped, skipped=skipped)


def test_without_opting_in_the_network_marker_is_the_users_own(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paceline.probes.connection, "has_way_out", lambda: False)
    pytester.makepyfile(test_all=NETWORK)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=2)


def test_recorded_times_tell_slow_tests_from_others(pytester: pytest.Pytester) -> None:
    items = pytester.getitems("def test_long(): pass\ndef test_short(): pass\ndef test_new(): pass")
    known = zip(items, (11.0, 9.0), strict=False)
    past = Past(tuple(Known(one.nodeid, took, 0, None, None, "passed") for one, took in known))
    categories = Categories(CategoryOptions(), skip_slow=True, past=past)
    categories.pytest_collection_modifyitems(items)
    skipped = [item.name for item in items if item.get_closest_marker("skip")]
    assert skipped == ["test_long"]


NEEDS = {
    "unit": ORDINARY,
    "xdist_group('a')": ORDINARY,
    "serial": Needs(alone=True),
    "memory_intensive": Needs(uses=(("memory_intensive", 1),)),
    "memory_intensive(mb=2)": Needs(memory=2 * 1024**2, uses=(("memory_intensive", 1),)),
    "cpu_intensive(cores=3)": Needs(cores=3.0, uses=(("cpu_intensive", 1),)),
    "uses('b', 'a')": Needs(uses=(("a", 1), ("b", 1))),
    "uses('c', places=2)": Needs(uses=(("c", 2),)),
}
WRONG = {
    "memory_intensive(gb=2)": "memory_intensive has no keyword 'gb'",
    "memory_intensive(2)": "takes no plain arguments, not 2",
    "memory_intensive(mb='2')": "takes mb as a number of at least 0, not '2'",
    "cpu_intensive(cores=0.5)": "takes cores as a number of at least 1, not 0.5",
    "cpu_intensive(cores=float('nan'))": "not nan",
    "uses('a', places=0)": "takes places as a whole number of at least 1, not 0",
    "uses()": "takes names as texts, not ()",
    "uses(8000)": "takes names as texts, not 8000",
    "serial(1)": "serial takes no plain arguments",
}


def marked(pytester: pytest.Pytester, marks: Iterable[str]) -> list[pytest.Item]:
    tests = [f"@pytest.mark.{mark}\ndef test_{number}(): pass" for number, mark in enumerate(marks)]
    return pytester.getitems("\n".join(["import pytest", *tests]))


def test_markers_say_what_a_test_holds(pytester: pytest.Pytester) -> None:
    assert [needs_of(item) for item in marked(pytester, NEEDS)] == list(NEEDS.values())


def test_the_nearest_marker_wins_and_named_resources_add_up(pytester: pytest.Pytester) -> None:
    code = """
    import pytest
    pytestmark = [pytest.mark.cpu_intensive(cores=2), pytest.mark.uses("a")]
    @pytest.mark.uses("b")
    @pytest.mark.cpu_intensive(cores=4)
    def test_func(): pass
    """
    uses = (("a", 1), ("b", 1), ("cpu_intensive", 1))
    assert needs_of(pytester.getitem(code)) == Needs(cores=4, uses=uses)


def test_a_wrong_marker_is_named_with_its_place(pytester: pytest.Pytester) -> None:
    for number, item in enumerate(marked(pytester, WRONG)):
        with pytest.raises(SettingsError) as raised:
            needs_of(item)
        assert list(WRONG.values())[number] in raised.value.problem
        assert raised.value.remedy.startswith("write @pytest.mark.")
        assert raised.value.place
        assert raised.value.place.line == 2 * number + 2
