"""Tests that depend on others, as a user's suite meets them."""

from __future__ import annotations

import pytest

import paceline.plugin.dependents
from paceline.plugin.dependents import groups_of

__all__ = ["paceline"]

ON = ("--paceline", "-pno:cacheprovider", "-pno:hypothesispytest", "-pno:asyncio", "-v")
SUITE = """
import pytest
depends_on = pytest.mark.depends_on

@depends_on("test_login", "TestShop::test_pay")
def test_receipt(): pass

class TestShop:
    @depends_on("test_fill")
    def test_pay(self): pass
    def test_fill(self): pass

def test_other(): pass

@pytest.mark.parametrize("name", ["ann", "bob"])
def test_login(name): assert name != FAILS
"""


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    lines = [line.split() for line in result.outlines if line.startswith("test_") and "::" in line]
    return {line[0].partition("::")[2]: line[1] for line in lines if line[1].isupper()}


def suite(fails: str) -> str:
    return SUITE.replace("FAILS", repr(fails))


def test_a_dependent_runs_behind_the_last_it_depends_on(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_all=suite("nobody"))
    order = list(outcomes(pytester.runpytest_inprocess(*ON)))
    names = ["TestShop::test_fill", "TestShop::test_pay", "test_other"]
    assert order == [*names, "test_login[ann]", "test_login[bob]", "test_receipt"]


def test_dependents_run_unless_skipping_was_asked_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_all=suite("bob"))
    assert outcomes(pytester.runpytest_inprocess(*ON))["test_receipt"] == "PASSED"


def test_a_dependent_of_a_failed_case_is_skipped_with_the_reason(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(test_all=suite("ann"))
    result = pytester.runpytest_inprocess(*ON, "-rs", "--paceline-skip-dependents")
    result.assert_outcomes(passed=4, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*depends on *::test_login?ann?, which failed"])


CHAIN = """
import pytest
@pytest.fixture
def broken(): BREAKS
def test_first(broken): CALL
@pytest.mark.depends_on("test_first")
def test_second(): pass
@pytest.mark.depends_on("test_second")
def test_third(): pass
"""


@pytest.mark.parametrize(
    ("breaks", "call", "reason"),
    [
        ("raise OSError", "pass", "*test_first, which failed"),
        ("pytest.skip('no')", "pass", "*test_first, which was skipped"),
        ("pass", "pytest.xfail('no')", "*test_first, which failed as expected"),
        ("yield; raise OSError", "pass", "*test_first, which failed"),
    ],
)
def test_what_depends_on_a_skipped_dependent_is_skipped(
    pytester: pytest.Pytester, breaks: str, call: str, reason: str
) -> None:
    pytester.makepyfile(test_all=CHAIN.replace("BREAKS", breaks).replace("CALL", call))
    result = pytester.runpytest_inprocess(*ON, "-rs", "--paceline-skip-dependents")
    assert [*outcomes(result).values()][-2:] == ["SKIPPED", "SKIPPED"]
    result.stdout.fnmatch_lines([f"SKIPPED{reason}", "SKIPPED*test_second, which was skipped"])


def test_a_test_that_was_not_selected_is_not_waited_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_all=suite("ann"))
    asked = ("-k", "receipt or pay", "--paceline-skip-dependents")
    pytester.runpytest_inprocess(*ON, *asked).assert_outcomes(passed=2, deselected=4)


def test_a_test_of_another_module_is_named_by_its_node_id(pytester: pytest.Pytester) -> None:
    mark = '@pytest.mark.depends_on("test_b.py::test_ground")'
    pytester.makepyfile(
        test_a=f"import pytest\n{mark}\ndef test_roof(): pass", test_b="def test_ground(): assert 0"
    )
    result = pytester.runpytest_inprocess(*ON, "--paceline-skip-dependents")
    assert list(outcomes(result).items()) == [("test_ground", "FAILED"), ("test_roof", "SKIPPED")]


def wrong(pytester: pytest.Pytester, marks: str) -> str:
    code = f"import pytest\ndepends_on = pytest.mark.depends_on\n{marks}"
    pytester.makepyfile(test_all=code)
    result = pytester.runpytest_inprocess(*ON)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    return result.stderr.str()


def test_a_circle_is_an_error_with_its_place(pytester: pytest.Pytester) -> None:
    said = wrong(
        pytester,
        "@depends_on('test_b')\ndef test_a(): pass\n@depends_on('test_a')\ndef test_b(): pass",
    )
    assert "test_all.py:3: tests depend on each other in a circle" in said
    assert "test_all.py::test_a → test_all.py::test_b → test_all.py::test_a" in said


def test_a_name_that_no_test_has_is_an_error_with_the_nearest(pytester: pytest.Pytester) -> None:
    said = wrong(pytester, "@depends_on('test_loign')\ndef test_a(): pass\ndef test_login(): pass")
    assert "test_all.py:3: @pytest.mark.depends_on('test_loign'): there is no such test" in said
    assert "did you mean 'test_login'?" in said


@pytest.mark.parametrize("arguments", ["", "1", "name='test_a'"])
def test_wrong_arguments_are_an_error_with_their_place(
    pytester: pytest.Pytester, arguments: str
) -> None:
    said = wrong(pytester, f"@depends_on({arguments})\ndef test_b(): pass")
    assert "test_all.py:3: @pytest.mark.depends_on takes names of tests, not" in said


def test_tests_that_depend_on_each_other_are_one_group(pytester: pytest.Pytester) -> None:
    groups = groups_of(pytester.getitems(suite("nobody")))
    short = {key.partition("::")[2]: value.partition("::")[2] for key, value in groups.items()}
    assert short == dict.fromkeys(
        [
            *("test_receipt", "TestShop::test_pay", "TestShop::test_fill"),
            *("test_login[ann]", "test_login[bob]"),
        ],
        "test_receipt",
    )


def test_groups_of_markers_and_of_dependents_are_joined(pytester: pytest.Pytester) -> None:
    code = """
    import pytest
    group = pytest.mark.xdist_group
    @group("database")
    def test_a(): pass
    @group(name="database")
    @pytest.mark.depends_on("test_c")
    def test_b(): pass
    def test_c(): pass
    @group("else")
    def test_d(): pass
    def test_e(): pass
    """
    groups = groups_of(pytester.getitems(code)).values()
    assert list(groups) == ["database", "database", "database", "else"]


def test_nothing_is_registered_per_test_unless_skipping_is_asked_for(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(test_all=suite("nobody"))
    pytester.makeconftest(
        "def pytest_runtestloop(session):\n"
        "    manager = session.config.pluginmanager\n"
        "    print('skipping:', manager.has_plugin('paceline-skipping-dependents'))"
    )
    for asked, answer in (((), "False"), (("--paceline-skip-dependents",), "True")):
        result = pytester.runpytest_inprocess(*ON, "-s", *asked)
        result.stdout.fnmatch_lines([f"*skipping: {answer}"])
