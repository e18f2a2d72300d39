"""A suite that passes serially passes on workers: order, ports, files, and what is shared."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.parallel.conftest import Suite

pytestmark = pytest.mark.slow

MANY = "import pytest\n@pytest.mark.parametrize('n', range(9))\ndef test_it(n): pass\n"
STATE = {
    "state.py": "VALUES = {}\n",
    "test_a.py": f"{MANY}def test_sets():\n    import state\n    state.VALUES['a'] = 1\n",
    "test_b.py": f"{MANY}def test_needs():\n    import state\n    assert state.VALUES['a']\n",
}
POLLUTED = {
    "state.py": "VALUES = {}\n",
    "test_a.py": f"{MANY}def test_victim():\n    import state\n    assert not state.VALUES\n",
    "test_b.py": f"{MANY}def test_pollutes():\n    import state\n    state.VALUES['a'] = 1\n",
}
SERVER = """
import socket, threading, time, pytest

class Server:
    started = False
    def serve(self, port):
        with socket.create_server(("127.0.0.1", port)) as listening:
            self.started = True
            while True:
                with listening.accept()[0] as one: one.sendall(b"hello")

@pytest.fixture(scope="session")
def server{number}():
    server = Server()
    threading.Thread(target=server.serve, args=[{port}], daemon=True).start()
    while not server.started: time.sleep(0.001)
    yield ("127.0.0.1", {port})
"""
ASKS = """
import socket, time, pytest
@pytest.mark.parametrize("n", range(6))
def test_asks(server{number}, n):
    with socket.create_connection(server{number}) as one: assert one.recv(9) == b"hello"
    time.sleep(0.02)
@pytest.mark.parametrize("n", range(6))
def test_else(n): time.sleep(0.02)
"""
DATABASE = """
import sqlite3, pytest
@pytest.fixture(scope="session")
def database():
    with open("made", "a") as file: file.write("once\\n")
    connection = sqlite3.connect("test.db")
    connection.execute("create table rows (n)")
    yield connection
    connection.close()
"""
STORES = """
import time, pytest
@pytest.mark.parametrize("n", range(8))
def test_stores(database, n):
    database.execute("insert into rows values (?)", (n,))
    time.sleep(0.01)
"""


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as opened:
        made = [opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in made]


def test_a_test_that_needs_an_earlier_one_passes_and_is_named(suite: Suite) -> None:
    suite.write(STATE)
    seen = suite.run("--paceline-order=serial")
    assert seen.status == 0
    dependent = seen.said("order-dependent: test_b.py::test_needs passes behind its serial")
    assert dependent or not seen.said("order-dependent")  # where one worker happened to run both
    assert seen.said("(KeyError: 'a')") is dependent


def test_a_polluted_test_passes_and_its_polluter_is_named(suite: Suite) -> None:
    suite.write(POLLUTED)
    (suite.path / "pytest.ini").write_text("[pytest]\npaceline = true\n")
    text = MANY.replace("def test_it(n): pass", "def test_it(n):\n    import time; time.sleep(.02)")
    suite.write({"test_a.py": text + POLLUTED["test_a.py"].split("pass\n")[1]})
    assert suite.run("--paceline", "--paceline-order=longest").status == 0


def test_a_failure_of_its_own_is_not_taken_for_the_orders(suite: Suite) -> None:
    suite.write({"test_a.py": f"{MANY}def test_fails(): assert 0\n", "test_b.py": MANY})
    seen = suite.run("--paceline-order=longest")
    assert (seen.status, seen.of("test_fails")) == (1, ["failed"])
    assert not seen.said("order-dependent")


def test_no_audit_hook_slows_what_is_measured_in_a_worker(suite: Suite) -> None:
    suite.write(
        {
            "conftest.py": "import sys\nHOOKS = []\nsys.addaudithook = HOOKS.append\n" + DATABASE,
            "test_a.py": f"{STORES}\ndef test_hooks():\n    from conftest import HOOKS\n"
            "    assert HOOKS == []\n",
        }
    )
    assert suite.run().status == 0


@pytest.mark.parametrize("servers", [1, 2])
def test_a_fixture_that_owns_a_port_keeps_its_tests_on_one_worker(
    suite: Suite, servers: int
) -> None:
    numbers = range(servers)
    ports = free_ports(servers)
    made = [SERVER.format(number=number, port=ports[number]) for number in numbers]
    files = {"conftest.py": "\n".join(made)}
    for name in "abcd":
        files[f"test_{name}.py"] = "".join(
            ASKS.format(number=number).replace("test_", f"test_{number}_") for number in numbers
        )
    serial, forked = suite.both(files)
    assert forked.outcomes == serial.outcomes
    assert forked.status == 0


def test_a_database_that_a_fixture_made_is_one_workers(suite: Suite) -> None:
    suite.write({"conftest.py": DATABASE} | {f"test_{name}.py": STORES for name in "abcd"})
    seen = suite.run()
    assert (seen.status, len(seen.rows)) == (0, 96), seen.text
