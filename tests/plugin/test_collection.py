"""Pruned folders and the preview, as a user's suite meets them."""

from __future__ import annotations

import pytest

import paceline.plugin.collection
from paceline.plugin.collection import Preview
from paceline.suite.past import Known, Past

__all__ = ["paceline"]

ON = ("--paceline", "-pno:hypothesispytest", "-pno:asyncio")
TEST = "def test_{0}(): pass\n"


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*ON, *args)


# Pruning


@pytest.mark.parametrize("folder", ["site-packages", "shop.egg-info", "__pypackages__", "cached"])
def test_folders_without_tests_of_the_project_are_not_searched(
    pytester: pytest.Pytester, folder: str
) -> None:
    pytester.makeini("[pytest]\nnorecursedirs = none\n")
    inside = pytester.mkdir(folder)
    inside.joinpath("test_not_ours.py").write_text("raise OSError", encoding="utf-8")
    if folder == "cached":
        inside.joinpath("CACHEDIR.TAG").touch()
    pytester.makepyfile(test_ours=TEST.format("ours"))
    run(pytester).assert_outcomes(passed=1)
    run(pytester, "--paceline-no-prune").assert_outcomes(errors=1)


def test_a_folder_that_is_named_is_searched(pytester: pytest.Pytester) -> None:
    inside = pytester.mkdir("site-packages")
    inside.joinpath("test_asked.py").write_text(TEST.format("asked"), encoding="utf-8")
    run(pytester, "site-packages").assert_outcomes(passed=1)


# Preview


def test_a_preview_lists_what_would_run_in_order(pytester: pytest.Pytester) -> None:
    marked = "import pytest\n@pytest.mark.slow\ndef test_z(): assert 0\n"
    pytester.makepyfile(test_all=marked + TEST.format("a"))
    result = run(pytester, "--paceline-dry-run", "--paceline-order-by=category")
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes()
    lines = ["1  -            test_all.py::test_a", "2  slow         test_all.py::test_z"]
    result.stdout.fnmatch_lines([*lines, "2 would run"], consecutive=True)


def test_a_preview_gives_the_seconds_that_are_known(pytester: pytest.Pytester) -> None:
    item, new = pytester.getitems(TEST.format("known") + TEST.format("new"))
    past = Past((Known(item.nodeid, 2.5, 0.1, None, None, "passed"),))
    lines = list(Preview(past).lines([item, new]))
    assert lines[0].split() == ["1", "2.500", "s", "medium", "-", item.nodeid]
    assert lines[1].split() == ["2", "-", "-", "-", new.nodeid]
    assert (
        lines[2] == "2 would run; recorded ones take 2.5 s one after the other; 1 not recorded yet"
    )
