from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from paceline.plugin.collector import Collecting
from paceline.probes.collector_options import CollectorOptions, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
CYCLES = """
import gc
class Ring: pass
FOUND = []
def ring():
    one = Ring(); one.itself = one
def left(): return sum(isinstance(one, Ring) for one in gc.get_objects())
def test_a(): ring(); FOUND.append(left())
def test_b(): FOUND.append(left())
def test_c(): FOUND.append(left())
"""
ON_DISK = """
from paceline.plugin.collector import Collecting
from paceline.probes.collector_options import CollectorOptions, Policy

def pytest_configure(config):
    part = Collecting(CollectorOptions(policy=Policy.PER_TEST), memory=float)
    config.pluginmanager.register(part, "paceline-collector")
"""


@pytest.fixture(autouse=True)
def _thresholds() -> Iterator[None]:
    """What a run sets is taken back, and what this process collects does not disturb."""
    before, callbacks = gc.get_threshold(), list(gc.callbacks)
    yield
    assert (gc.get_threshold(), gc.callbacks) == (before, callbacks)


def run(
    pytester: pytest.Pytester, policy: Policy, *, grown: int = 1, **files: str
) -> tuple[pytest.RunResult, Collecting]:
    """Run files under a policy; at each look memory has grown by so many bytes."""
    sizes, times = iter(range(0, 10**9 * grown, grown)), iter(range(10**9))
    part = Collecting(
        CollectorOptions(policy=policy, growth=1000.0),
        clock=lambda: float(next(times)),
        memory=lambda: float(next(sizes)),
    )
    pytester.makepyfile(**files)
    result = pytester.runpytest_inprocess(*QUIET, plugins=[part])
    return result, part


def test_per_test_collects_after_each_test(pytester: pytest.Pytester) -> None:
    check = f"{CYCLES}def test_d(): assert FOUND == [1, 0, 0]\n"
    result, part = run(pytester, Policy.PER_TEST, test_a=check)
    result.assert_outcomes(passed=4)
    assert part.count == 4


def test_never_collects_nothing(pytester: pytest.Pytester) -> None:
    check = f"{CYCLES}def test_d(): assert FOUND == [1, 1, 1]\n"
    result, part = run(pytester, Policy.NEVER, test_a=check)
    result.assert_outcomes(passed=4)
    assert (part.count, part.seconds) == (0, 0.0)


def test_between_groups_collects_where_the_file_changes(pytester: pytest.Pytester) -> None:
    late = "import test_a\ndef test_e(): assert test_a.left() == 0\n"
    check = f"{CYCLES}def test_d(): assert FOUND == [1, 1, 1]\n"
    result, part = run(pytester, Policy.BETWEEN_GROUPS, test_a=check, test_b=late)
    result.assert_outcomes(passed=5)
    assert part.count == 1


@pytest.mark.parametrize("policy", [Policy.NEVER, Policy.BETWEEN_GROUPS])
def test_memory_that_gathers_is_collected_once(pytester: pytest.Pytester, policy: Policy) -> None:
    result, part = run(pytester, policy, grown=400, test_a=CYCLES)
    result.assert_outcomes(passed=3)
    assert part.count == 1


def test_by_default_nothing_is_held_back_and_the_cost_is_said(pytester: pytest.Pytester) -> None:
    text = "import gc\ndef test_a(): assert gc.get_threshold()[0] > 0; gc.collect()\n"
    result, part = run(pytester, Policy.DEFAULT, test_a=text)
    result.assert_outcomes(passed=1)
    assert part.seconds == part.count >= 1
    cost = f"{part.count} collection* in {part.count}.00 s while tests ran"
    result.stdout.fnmatch_lines([f"garbage collector default: {cost}"])


USING = """
import gc
def test_reads(): assert gc.isenabled()
def test_disables(): gc.disable()
def test_finds_it(): assert not gc.isenabled(); gc.enable()
"""


@pytest.mark.parametrize("policy", list(Policy))
def test_what_user_code_enables_and_disables_is_its_own(
    pytester: pytest.Pytester, policy: Policy
) -> None:
    result, _ = run(pytester, policy, test_a=USING)
    result.assert_outcomes(passed=3)
    assert gc.isenabled()


def test_thresholds_that_user_code_leaves_are_left(pytester: pytest.Pytester) -> None:
    before = gc.get_threshold()
    text = "import gc\ndef test_a(): gc.set_threshold(5000, 7, 9)\ndef test_b(): pass\n"
    result, _ = run(pytester, Policy.NEVER, test_a=text)
    after = gc.get_threshold()
    gc.set_threshold(*before)
    result.assert_outcomes(passed=2)
    assert after[:2] == (5000, 7)


def test_a_run_that_is_broken_off_lets_the_collector_go(pytester: pytest.Pytester) -> None:
    text = "import pytest\ndef test_a(): pytest.exit('enough', 7)\ndef test_b(): pass\n"
    result, _ = run(pytester, Policy.NEVER, test_a=text)
    assert result.ret == 7


def test_a_process_that_runs_no_test_collects_as_ever(pytester: pytest.Pytester) -> None:
    text = "import gc\ndef pytest_sessionfinish(): assert gc.get_threshold()[0] > 0\n"
    result, part = run(pytester, Policy.NEVER, conftest=text)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert part.count == 0


@pytest.mark.slow
def test_what_workers_collect_is_added(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(ON_DISK)
    pytester.makepyfile(test_a=CYCLES)
    result = pytester.runpytest_inprocess(*QUIET, "-n2")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["garbage collector per-test: 3 collections in * while tests ran"])
