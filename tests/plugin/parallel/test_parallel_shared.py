"""``@paceline.shared``: one value for all workers, or a refusal that says where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.parallel.conftest import Suite

pytestmark = pytest.mark.slow

SHARED = """
import os, paceline, pytest

def note(text):
    with open("notes", "a") as file: file.write(f"{{text}} {{os.getpid()}}\\n")

@pytest.fixture(scope="session")
@paceline.shared
def one(tmp_path_factory):
    note("one up")
    yield [str(tmp_path_factory.getbasetemp())]
    note("one down")

@paceline.shared
@pytest.fixture(scope="session")
def two(one):
    note("two up")
    yield one * 2
    note("two down")
"""
USES = """
import pytest
@pytest.mark.parametrize("n", range(8))
def test_it(two, n):
    assert len(two) == 2
"""
REFUSED = """
import asyncio, socket, sqlite3, threading, paceline, pytest

class Holds:
    def __init__(self, value): self.value = {{"deep": [value]}}

@pytest.fixture(scope="{scope}"{more})
@paceline.shared
def bad({asks}):
    return Holds({value})
"""
VALUES = {
    "socket.socket()": "a socket",
    "threading.Thread()": "a thread",
    "sqlite3.connect(':memory:')": "a database connection",
    "asyncio.new_event_loop()": "an event loop",
    "open(__file__)": "an open file",
}
BAD = "def test_1(bad): pass\ndef test_2(bad): pass\n"


def test_a_shared_fixture_runs_once_and_is_torn_down_at_the_end(suite: Suite) -> None:
    suite.write({"conftest.py": SHARED.replace("{{", "{").replace("}}", "}")})
    suite.write({f"test_{name}.py": USES for name in "ab"})
    assert suite.run().status == 0
    notes = [line.rpartition(" ") for line in (suite.path / "notes").read_text().splitlines()]
    assert [said for said, _, _ in notes] == ["one up", "two up", "two down", "one down"]
    assert len({process for *_, process in notes}) == 1


@pytest.mark.parametrize("value", VALUES)
def test_a_value_that_no_two_processes_hold_is_refused(suite: Suite, value: str) -> None:
    text = REFUSED.format(scope="session", more="", asks="", value=value)
    suite.write({"conftest.py": text, "test_a.py": BAD})
    seen = suite.run("-Wignore")
    assert (seen.status, seen.rows) == (4, ())
    assert seen.said(f"can't be shared: its value holds {VALUES[value]}", "conftest.py:7")


@pytest.mark.parametrize(
    ("scope", "more", "asks", "said"),
    [
        ("module", "", "", "it needs session scope"),
        ("session", ", params=[1, 2]", "request", "it needs session scope and no parameters"),
        ("session", "", "request", "a shared fixture can't ask for request"),
    ],
)
def test_a_fixture_that_cannot_be_shared_is_refused(
    suite: Suite, scope: str, more: str, asks: str, said: str
) -> None:
    text = REFUSED.format(scope=scope, more=more, asks=asks, value="1")
    suite.write({"conftest.py": text, "test_a.py": BAD})
    seen = suite.run()
    assert seen.status == 4
    assert seen.said(said, "conftest.py:7")


def test_in_one_process_the_mark_changes_nothing(suite: Suite) -> None:
    suite.write({"conftest.py": SHARED.replace("{{", "{").replace("}}", "}"), "test_a.py": USES})
    assert suite.run(workers="").status == 0
