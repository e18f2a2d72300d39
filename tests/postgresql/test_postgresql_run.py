"""A suite is recorded on the server, and what waited is sent by the command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from paceline.store.postgresql.server import StoreServer
from paceline.store.postgresql.url import parse_url
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.postgresql.server import Server

pytestmark = pytest.mark.slow


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Run a suite of two tests in a process of its own, its store at a URL."""
    pytester.makepyfile(
        """
        def test_score(benchmark):
            assert benchmark(sum, [1, 2, 3]) == 6

        def test_fine():
            pass
        """
    )

    def run(url: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess("--paceline", f"--paceline-store={url}")

    return run


def test_a_suite_is_recorded_on_the_server(
    suite: Callable[..., pytest.RunResult], server: Server, database: Callable[..., str]
) -> None:
    url = server.url(database(empty=True))
    suite(url).assert_outcomes(passed=2)
    store = Store(StoreServer(parse_url(url)), clock=float)
    (run,) = store.runs(complete_only=True)
    assert {one.case.node_id.rpartition("::")[2] for one in store.resources(run.id)} == {
        "test_score",
        "test_fine",
    }


def test_a_server_that_is_away_changes_no_outcome_and_deliver_sends_the_run_later(
    suite: Callable[..., pytest.RunResult],
    pytester: pytest.Pytester,
    server: Server,
    database: Callable[..., str],
) -> None:
    url = server.url(database(empty=True))
    server.kill()
    try:
        result = suite(url)
    finally:
        server.start()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*records wait in*`paceline deliver`*"])
    pytester.makepyprojecttoml(f'[tool.paceline.store]\npath = "{url}"\n')
    said = pytester.run(sys.executable, "-m", "paceline", "deliver")
    said.stdout.fnmatch_lines(["* records delivered in * calls"])
    store = Store(StoreServer(parse_url(url)), clock=float)
    assert len(store.runs(complete_only=True)) == 1
