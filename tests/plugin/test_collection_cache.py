"""The collection cache, as a user's suite meets it."""

from __future__ import annotations

import pytest

import paceline.plugin.collection_cache
import paceline.plugin.collection_sources

__all__ = ["paceline"]

pytestmark = pytest.mark.slow

ON = ("--paceline", "-pno:hypothesispytest", "-pno:asyncio")
TEST = "def test_{0}(): pass\n"
CACHED = "--paceline-collect-cache"


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*ON, *args)


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """Make three test files that say when they are imported, remembered once."""
    pytester.makepyfile(shop="PRICES = [1, 2]\n")
    say = "print('imported', __name__)\n"
    pytester.makepyfile(
        test_a=say + TEST.format("apple") + "test_apple.fresh = 1\n",
        test_b=f"import pytest\nimport shop\n{say}\n"
        "@pytest.mark.cold(level=3)\n@pytest.mark.parametrize('price', shop.PRICES)\n"
        "def test_bread(price): pass\n",
        test_c=say + "class TestCake:\n    def test_cream(self): pass\n",
    )
    pytester.makeini("[pytest]\nmarkers = cold\npythonpath = .\n")
    assert imported(pytester, CACHED) == {"test_a", "test_b", "test_c"}
    return pytester


def imported(pytester: pytest.Pytester, *args: str) -> set[str]:
    lines = run(pytester, "-s", *args).outlines
    return {line.rpartition(" ")[2] for line in lines if "imported test" in line}


@pytest.mark.parametrize(
    ("asked", "files"),
    [
        (("-k", "apple"), {"test_a"}),
        (("-k", "Fresh"), {"test_a"}),
        (("-k", "not test_a and not cake"), {"test_b"}),
        (("-k", "TestCake or bread"), {"test_b", "test_c"}),
        (("-k", "1"), {"test_b"}),
        (("-m", "cold"), {"test_b"}),
        (("-m", "not cold"), {"test_a", "test_c"}),
        (("-m", "cold", "-k", "cream"), set()),
        ((), {"test_a", "test_b", "test_c"}),
        (("-k", "apple", "test_c.py"), {"test_c"}),
    ],
)
def test_only_files_with_matching_tests_are_imported(
    suite: pytest.Pytester, asked: tuple[str, ...], files: set[str]
) -> None:
    assert imported(suite, CACHED, *asked) == files


@pytest.mark.parametrize("asked", [("-k", "bread"), ("-m", "not cold"), ("-k", "nothing")])
def test_the_tests_that_run_are_the_same(suite: pytest.Pytester, asked: tuple[str, ...]) -> None:
    with_cache, without = run(suite, CACHED, *asked), run(suite, *asked)
    assert with_cache.ret == without.ret
    assert with_cache.parseoutcomes().get("passed") == without.parseoutcomes().get("passed")
    with_cache.stdout.fnmatch_lines(["paceline: * test files not imported: nothing in them *"])


CHANGES = {
    "the file": ("test_b.py", TEST.format("apple_pie"), {"test_a", "test_b"}),
    "a module": ("shop.py", "PRICES = [1, 'apple']\n", {"test_a", "test_b", "test_c"}),
    "a conftest": ("conftest.py", "", {"test_a", "test_b", "test_c"}),
    "a new file": ("test_d.py", "print('imported', __name__)\n", {"test_a", "test_d"}),
    "settings": ("pytest.ini", "[pytest]\npythonpath = .\n", {"test_a", "test_b", "test_c"}),
    "nothing": ("notes.txt", "none", {"test_a"}),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_has_changed_is_imported_again(suite: pytest.Pytester, what: str) -> None:
    name, text, files = CHANGES[what]
    said = "print('imported', __name__)\n" if name == "test_b.py" else ""
    suite.path.joinpath(name).write_text(said + text, encoding="utf-8")
    assert imported(suite, CACHED, "-k", "apple") == files


def test_files_that_are_left_out_stay_remembered(suite: pytest.Pytester) -> None:
    imported(suite, CACHED, "-k", "apple")
    assert imported(suite, CACHED, "-k", "cream") == {"test_c"}


def test_data_read_by_a_test_file_counts_as_its_source(suite: pytest.Pytester) -> None:
    data = suite.path / "names.txt"
    data.write_text("fig", encoding="utf-8")
    suite.makepyfile(
        test_b="from pathlib import Path\nimport pytest\nprint('imported', __name__)\n"
        "NAMES = Path('names.txt').read_text().split()\n"
        "@pytest.mark.parametrize('name', NAMES)\ndef test_name(name): pass\n"
    )
    imported(suite, CACHED)
    assert imported(suite, CACHED, "-k", "apple") == {"test_a"}
    data.write_text("apple", encoding="utf-8")
    assert "test_b" in imported(suite, CACHED, "-k", "apple")


def test_a_test_file_that_another_imports_counts_as_its_source(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_c="from test_b import *\nprint('imported', __name__)\n")
    imported(suite, CACHED)
    assert imported(suite, CACHED, "-k", "nothing") == set()
    suite.makepyfile(test_b="def test_orange(): pass\nprint('imported', __name__)\n")
    assert imported(suite, CACHED, "-k", "orange") == {"test_b", "test_c"}


def test_files_that_ask_other_programs_are_always_imported(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        test_b="import subprocess, sys\nprint('imported', __name__)\n"
        "subprocess.run([sys.executable, '--version'], stdout=-3)\n"
    )
    imported(suite, CACHED)
    assert imported(suite, CACHED, "-k", "apple") == {"test_a", "test_b"}


@pytest.mark.parametrize("asked", [("test_b.py::test_bread[1]",), ("--lf",)])
def test_a_part_of_a_file_is_not_taken_for_all_of_it(
    suite: pytest.Pytester, asked: tuple[str, ...]
) -> None:
    fails = "import shop\nprint('imported', __name__)\ndef test_bread(): assert shop.BROKEN\n"
    suite.makepyfile(test_b=fails + TEST.format("butter"))
    imported(suite)
    imported(suite, CACHED, *asked)
    assert "test_b" in imported(suite, CACHED, "-k", "butter")


def test_the_cache_is_dropped_on_demand_and_after_errors(suite: pytest.Pytester) -> None:
    asked = (CACHED, "-k", "apple")
    assert imported(suite, *asked, "--paceline-cache-clear") == {"test_a", "test_b", "test_c"}
    assert imported(suite, *asked) == {"test_a"}
    suite.makepyfile(test_d="raise OSError")
    imported(suite, *asked)
    suite.path.joinpath("test_d.py").unlink()
    assert imported(suite, *asked) == {"test_a", "test_b", "test_c"}


def test_without_the_flag_everything_is_imported(suite: pytest.Pytester) -> None:
    assert imported(suite, "-k", "apple") == {"test_a", "test_b", "test_c"}


def test_a_wrong_expression_is_pytests_to_refuse(suite: pytest.Pytester) -> None:
    result = run(suite, CACHED, "-k", "not (")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_without_pytests_cache_there_is_none(suite: pytest.Pytester) -> None:
    files = imported(suite, CACHED, "-pno:cacheprovider", "-k", "apple")
    assert files == {"test_a", "test_b", "test_c"}
