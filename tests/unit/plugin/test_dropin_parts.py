"""The parts of the drop-in that need no run: what is carried, named, planned, profiled, parsed."""

from __future__ import annotations

import argparse
import pstats
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from paceline.engine.dropin_options import DropInOptions, ProfileColumn
from paceline.engine.options import CLASSES
from paceline.model import METRICS, Case, Measurement
from paceline.options import declarations
from paceline.plugin.dropin.arguments import checked
from paceline.plugin.dropin.metadata import About, Metadata, abouts, carry
from paceline.plugin.dropin.naming import file_name
from paceline.plugin.dropin.plan import option_facts
from paceline.plugin.dropin.profiling import functions
from paceline.plugin.flags import FLAGS
from paceline.probes.options import BenchmarkOptions, Collector, Warmup

CIRCLE: dict[str, Any] = {}
CIRCLE["itself"] = CIRCLE


def carried(**told: Any) -> About:
    report: Any = SimpleNamespace()
    carry(report, [About("c", "n", "f", **told)])
    (found,) = abouts(report)
    return found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"n": 1, "text": "ü", "none": None}, {"n": 1, "text": "ü", "none": None}),
        ({1: (2, 3)}, {"1": [2, 3]}),
        ({"x": {4}}, {"x": "UNSERIALIZABLE[{4}]"}),
        (
            {"call": abouts},
            {"call": "UNSERIALIZABLE[<function abouts>]"},
        ),
        ({"bad": "\ud800"}, {"bad": "\\ud800"}),
        ({(1, 2): "\U0001f600"}, {"(1, 2)": "\U0001f600"}),
    ],
)
def test_what_json_knows_is_carried_and_the_rest_as_text(
    given: dict[Any, Any], found: dict[str, Any]
) -> None:
    assert carried(extra_info=given).extra_info == found


def test_a_large_parameter_is_not_looked_at_value_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("paceline.plugin.dropin.metadata._jsonable")
    given = {"data": [{"n": 1, "texts": ["ü", "b"], "odd": {4}}]}
    found = {"data": [{"n": 1, "texts": ["ü", "b"], "odd": "UNSERIALIZABLE[{4}]"}]}
    assert carried(params=given).params == found


def test_a_parameter_of_many_tests_is_kept_once_and_no_report_keeps_its_text() -> None:
    shared: dict[str, Any] = {}
    found = []
    for number in range(2):
        report: Any = SimpleNamespace()
        carry(report, [About("c", "n", "f", params={"number": number, "data": [[1.5], {}]})])
        (about,) = abouts(report, shared)
        found.append(about.params or {})
        assert vars(report) == {}
    assert [one["number"] for one in found] == [0, 1]
    assert found[0]["data"] is found[1]["data"]
    assert found[0] is not found[1]


def test_notes_that_hold_themselves_cost_nothing_else() -> None:
    told = carried(extra_info=CIRCLE, group="g")
    assert told.group == "g"
    assert "itself" in told.extra_info["extra_info"]


def test_a_report_without_benchmarks_carries_nothing() -> None:
    report: Any = SimpleNamespace()
    carry(report, [])
    assert vars(report) == {}
    assert abouts(report) == ()


def test_a_timed_block_is_named_by_its_case() -> None:
    case = Case("a.py::test_b", label="load", parameters=(("n", "1"),), group="g")
    about = About.of(case)
    assert (about.name, about.fullname) == ("test_b#load", "a.py::test_b#load")
    assert (about.group, about.params) == ("g", {"n": "1"})


def test_an_entry_can_be_had_flat_or_without_figures() -> None:
    measurement = Measurement(Case("a.py::b"), METRICS["wall_time"], (1.0, 3.0), iterations=2)
    made = Metadata(measurement, About("a.py::b", "b", "a.py::b"))
    assert made.as_dict(include_data=False, flat=True)["mean"] == 2.0
    assert "data" not in made.as_dict(include_data=False)["stats"]
    assert "stats" not in made.as_dict(stats=False)


def test_figures_and_facts_of_a_benchmark_stand_at_keys_and_figures_alone_at_stats() -> None:
    measurement = Measurement(Case("a.py::b"), METRICS["wall_time"], (1.0, 3.0), iterations=2)
    made = Metadata(measurement, About("a.py::b", "b", "a.py::b", options={"warmup": False}))
    assert made["stats"].mean == made["mean"] == made.get("stats").as_dict()["mean"] == 2.0
    assert (made["has_error"], made["options"], made["fixture"]) == (False, {"warmup": False}, None)
    assert {"mean", "ops", "total"} < set(made.stats.fields) == set(made.stats.as_dict())
    assert made.get("_figures", 5) == 5


@pytest.mark.parametrize(
    ("name", "file"),
    [("test_a", "test_a"), ("test_a[x/y: z]", "test_a[x_y_z]"), ("a__b", "a__b")],
)
def test_a_name_becomes_one_that_files_can_have(name: str, file: str) -> None:
    assert file_name(name) == file


def test_options_are_written_by_the_words_of_the_document() -> None:
    facts = option_facts(BenchmarkOptions(warmup=Warmup.OFF, collector=Collector.ON), len)  # type: ignore[arg-type]
    assert (facts["warmup"], facts["disable_gc"], facts["timer"]) == (False, False, "len")


def test_a_timer_is_written_by_its_own_name_however_it_was_chosen() -> None:
    assert option_facts(BenchmarkOptions(timer="time.process_time"))["timer"] == "process_time"
    assert option_facts(BenchmarkOptions())["timer"] == "perf_counter"


@pytest.mark.parametrize("word", ["true", "YES ", "on", ""])
def test_words_for_yes_turn_warming_up_on(word: str) -> None:
    assert Warmup(word.strip().lower()) is Warmup.ON


class Profile:
    """What pstats takes for a profile: here a function that calls another three times."""

    stats: ClassVar[dict[tuple[str, int, str], tuple[Any, ...]]] = {
        (__file__, 1, "outer"): (1, 1, 1e-6, 4e-6, {}),
        (__file__, 5, "inner"): (3, 3, 3e-6, 3e-6, {}),
    }

    def create_stats(self) -> None:
        """The statistics are there already."""


def profile() -> pstats.Stats:
    return pstats.Stats(Profile())  # type: ignore[arg-type]  # the part of it that is asked


def test_functions_of_a_profile_come_by_the_column_first() -> None:
    here = Path(__file__).parent
    rows = functions(profile(), ProfileColumn.NCALLS, 1, project=here)
    name = rows[0]["function_name"]
    assert (rows[0]["ncalls"], name.endswith("(inner)")) == (3, True)
    assert name.startswith(f"{here.name}/")
    assert any(row["function_name"].endswith("(outer)") for row in rows)
    assert len(functions(profile(), ProfileColumn.NONE, 1, project=here)) == 1


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        ("--benchmark-max-time", "5 s"),
        ("--benchmark-max-time", "1e-3"),
        ("--benchmark-sort", "Median"),
        ("--benchmark-warmup", "yes"),
        ("--benchmark-columns", "min,p95"),
        ("--benchmark-compare-fail", "p95:5 ms"),
        ("--benchmark-compare-fail", "iqr:5%"),
        ("--benchmark-cprofile-loops", "auto"),
    ],
)
def test_a_fitting_value_of_a_flag_is_left_as_it_is(flag: str, text: str) -> None:
    assert checked(flag, text) == text


def test_old_names_of_timers_are_those_of_time() -> None:
    assert checked("--benchmark-timer", "pep418.perf_counter") == "time.perf_counter"


@pytest.mark.parametrize(
    ("flag", "text", "words"),
    [
        ("--benchmark-min-rounds", "x", r"invalid literal for int\(\) with base 10: 'x'\n"),
        ("--benchmark-min-time", "-1", "benchmark.min_time = '-1' does not fit"),
        ("--benchmark-name", "x", "table.name = 'x' does not fit"),
        ("--benchmark-save", "", "Can't be empty."),
        ("--benchmark-cprofile-loops", "x", "Expected an integer or `auto`."),
    ],
)
def test_an_unfit_value_is_refused(flag: str, text: str, words: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=words):
        checked(flag, text)


def test_flags_are_declared_once() -> None:
    flags = [one.flag for options in CLASSES for one in declarations(options) if one.flag]
    assert len(flags) == len(set(flags))


def test_loops_of_a_profile_are_a_number_or_as_a_round_has() -> None:
    assert (DropInOptions().loops, DropInOptions(cprofile_loops="auto").loops) == (1, None)


@pytest.mark.parametrize(
    ("flag", "action", "alone"),
    [
        ("--benchmark-compare", "store", "latest"),
        ("--benchmark-warmup", "store", "on"),
        ("--benchmark-compare-fail", "extend", None),
        ("--benchmark-save", "store", None),
    ],
)
def test_flags_take_what_their_options_say(flag: str, action: str, alone: str | None) -> None:
    (row,) = (row for row in FLAGS if row[0] == flag)
    assert row[2:4] == (action, alone)
