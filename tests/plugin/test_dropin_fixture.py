"""What a test of pytest-benchmark's users does with the fixture and its marker."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

QUICK = ("--benchmark-max-time=0.005", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
DROPIN = "--paceline-style=dropin"
STYLES = pytest.mark.parametrize("style", ["paceline", "dropin"])


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*QUICK, *arguments)


@STYLES
def test_facts_of_a_benchmark_stand_where_they_are_looked_for(
    pytester: pytest.Pytester, style: str
) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.benchmark(group="g", warmup="no", precision=None, cprofile=False)
        def test_it(benchmark):
            assert (benchmark.name, benchmark.param, benchmark.params) == ("test_it", None, None)
            assert benchmark.fullname.endswith("::test_it") and benchmark.group == "g"
            assert benchmark.enabled and not (benchmark.disabled or benchmark.skipped)
            assert not benchmark.cprofile and benchmark.cprofile_stats is None
            benchmark(int)
            assert not benchmark.has_error
            stats = benchmark.stats
            assert stats and stats["name"] == stats.name == "test_it" and stats.get("nix", 7) == 7
            assert stats.stats.mean == stats["mean"] == stats.get("mean") > 0
            assert stats.as_dict()["stats"]["rounds"] == len(stats.stats.data)
            assert stats.options["warmup"] is False and stats.fixture is benchmark

        @pytest.mark.parametrize("n", [5])
        def test_parameters(benchmark, n):
            assert (benchmark.param, benchmark.params) == ("5", {"n": 5})
            benchmark(int)
    """)
    run(pytester, f"--paceline-style={style}").assert_outcomes(passed=2)


@STYLES
@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("rounds=0", ValueError),
        ("rounds='x'", ValueError),
        ("warmup_rounds=-1", ValueError),
        ("iterations=2, setup=int", ValueError),
        ("args=(1,), setup=lambda: ((2,), {})", TypeError),
    ],
)
def test_a_plan_that_makes_no_sense_raises_what_users_catch(
    pytester: pytest.Pytester, style: str, call: str, error: type[Exception]
) -> None:
    pytester.makepyfile(f"""
        import pytest

        def test_it(benchmark):
            with pytest.raises({error.__name__}):
                benchmark.pedantic(int, {call})
    """)
    run(pytester, f"--paceline-style={style}", "-Wignore").assert_outcomes(passed=1)


def test_a_setup_that_gives_nothing_keeps_the_arguments(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_it(benchmark):
            assert benchmark.pedantic(int, args=("7",), setup=lambda: ()) == 7
    """)
    run(pytester).assert_outcomes(passed=1)


def test_in_that_style_a_second_use_is_an_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_it(benchmark):
            benchmark(int)
            benchmark.pedantic(int)
    """)
    run(pytester).assert_outcomes(passed=1)
    result = run(pytester, DROPIN, "--benchmark-json=out.json")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*FixtureAlreadyUsed: Fixture can only*in benchmark(...) mode."])
    assert '"benchmarks": []' in (pytester.path / "out.json").read_text()


def test_in_that_style_several_labels_are_allowed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_it(benchmark):
            benchmark.labelled("a")(int)
            benchmark.labelled("b")(int)
    """)
    result = run(pytester, DROPIN)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines_random(["test_it#a *", "test_it#b *"])


@pytest.mark.parametrize(("style", "calls"), [("paceline", 6), ("dropin", 7)])
def test_pedantic_rounds_are_counted_as_the_style_has_them(
    pytester: pytest.Pytester, style: str, calls: int
) -> None:
    pytester.makepyfile(f"""
        def test_it(benchmark):
            seen = []
            benchmark.pedantic(seen.append, args=(1,), iterations=3, rounds=2)
            assert len(seen) == {calls}
    """)
    run(pytester, f"--paceline-style={style}").assert_outcomes(passed=1)


def test_in_that_style_an_unused_fixture_warns_unless_skipped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        def test_unused(benchmark):
            pass

        def test_skipped(benchmark):
            pytest.skip("later")
    """)
    result = run(pytester, DROPIN, "-Wdefault")
    result.assert_outcomes(passed=1, skipped=1, warnings=1)
    result.stdout.fnmatch_lines(["*PytestBenchmarkWarning: Benchmark fixture was not used*"])


@pytest.mark.parametrize(
    ("flags", "outcomes"),
    [
        (("--benchmark-skip",), {"passed": 1, "skipped": 1}),
        (("--benchmark-only",), {"passed": 1, "skipped": 1}),
        (("--benchmark-only", "--benchmark-skip"), {"passed": 1, "skipped": 1}),
        (
            ("--benchmark-disable", "--benchmark-enable", "--benchmark-only"),
            {"passed": 1, "skipped": 1},
        ),
    ],
)
def test_in_that_style_left_out_tests_are_skipped(
    pytester: pytest.Pytester, flags: tuple[str, ...], outcomes: dict[str, int]
) -> None:
    pytester.makepyfile("def test_a(benchmark):\n    benchmark(int)\n\ndef test_b():\n    pass")
    run(pytester, DROPIN, *flags).assert_outcomes(**outcomes)


def test_in_that_style_only_and_disable_clash(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(benchmark):\n    benchmark(int)")
    result = run(pytester, DROPIN, "--benchmark-only", "--benchmark-disable")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: Can't have both --benchmark-only and --benchmark-dis*"])


def test_only_wins_wherever_it_stands(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(benchmark):\n    benchmark(int)\n\ndef test_b():\n    pass")
    result = run(pytester, "--benchmark-only", "--benchmark-enable")
    result.assert_outcomes(passed=1, deselected=1)


def weave_by_hand(target: Any, aspect: Any) -> SimpleNamespace:
    owner, name = target
    kept = getattr(owner, name)
    setattr(owner, name, aspect(kept))
    return SimpleNamespace(rollback=lambda: setattr(owner, name, kept))


WOVEN = """
    class Work:
        @staticmethod
        def run():
            return 7

    def test_woven(benchmark_weave, benchmark):
        benchmark_weave((Work, "run"))
        assert Work.run() == 7 and benchmark.stats.rounds > 0

    def test_undone(benchmark):
        assert "<locals>" not in Work.run.__qualname__
        benchmark(int)
"""


def test_a_woven_function_is_measured_where_it_is_called(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aspectlib", SimpleNamespace(weave=weave_by_hand))
    pytester.makepyfile(WOVEN)
    run(pytester).assert_outcomes(passed=2)


def test_weaving_says_what_it_needs(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aspectlib", None)
    pytester.makepyfile("def test_it(benchmark):\n    benchmark.weave('time.sleep')")
    run(pytester).stdout.fnmatch_lines(["*WeaveError: benchmark.weave needs aspectlib*"])


def test_a_plugin_that_stands_in_by_name_chooses_the_style(pytester: pytest.Pytester) -> None:
    pytester.mkpydir("pytest_benchmark").joinpath("plugin.py").write_text(
        "PACELINE_STYLE = 'dropin'\n"
        "def pytest_sessionstart(session):\n"
        "    assert session.config._benchmarksession.options['min_rounds'] == 5\n"
    )
    pytester.syspathinsert()
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(int)")
    result = run(pytester, "-p", "pytest_benchmark.plugin")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["* benchmark: 1 tests *"])


TIMED = "def test_it(benchmark):\n    benchmark(int)\n    assert bool(benchmark.stats) is {timed}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "timed"),
    [
        (("-n2", DROPIN), False),
        (("-n2", DROPIN, "--benchmark-enable"), True),
        (("-n2", DROPIN, "--benchmark-only"), True),
        (("-n2",), True),
        (("--paceline-workers=2", DROPIN), True),
    ],
)
def test_in_that_style_benchmarks_rest_under_xdist_unless_asked(
    pytester: pytest.Pytester, flags: tuple[str, ...], *, timed: bool
) -> None:
    pytester.makepyfile(TIMED.format(timed=timed))
    run(pytester, *flags).assert_outcomes(passed=1)


@pytest.mark.slow
def test_resting_is_said_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(benchmark):\n    benchmark(int)")
    result = pytester.runpytest_subprocess(*QUICK, "-n2", DROPIN)
    assert result.stderr.str().count("automatically disabled because xdist") == 1


def test_in_that_style_rounds_are_told_when_asked(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(benchmark):\n    benchmark.pedantic(int, rounds=3)")
    result = run(pytester, DROPIN, "--benchmark-verbose")
    result.stderr.fnmatch_lines(["  Calibrating to target round*", "  Running 3 rounds x 1 *"])
