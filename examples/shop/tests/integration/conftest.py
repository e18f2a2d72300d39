"""What the integration tests wait for and talk to."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from shop.api import serve
from shop.jobs import Jobs
from shop.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shop.catalogue import Product


@pytest.fixture
def orders(database: Path) -> Iterator[Orders]:
    with closing(Orders(database)) as found:
        yield found


@pytest.fixture(scope="module")
def port(
    filled_database: Path, tmp_path_factory: pytest.TempPathFactory, catalogue: dict[str, Product]
) -> Iterator[int]:
    """Serve the shop for a whole file of tests, on a database of its own."""
    file = tmp_path_factory.mktemp("served") / "shop.sqlite"
    file.write_bytes(filled_database.read_bytes())
    with serve(file, catalogue) as found:
        yield found


@pytest.fixture
def ask(port: int) -> Iterator[Callable[..., tuple[int, Any]]]:
    """Send requests over one connection: method, path, body; gives status and answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def send(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, sent)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    with closing(connection):
        yield send


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    with closing(Jobs()) as found:
        yield found


@pytest.fixture
def ended() -> Callable[[Jobs, int], str]:
    """Look after a job every 20 ms until it has ended, as a page that waits for it does."""

    def wait(jobs: Jobs, number: int) -> str:
        deadline = time.monotonic() + 10
        while jobs.state(number) in {"waiting", "running"}:
            assert time.monotonic() < deadline, f"job {number} takes too long"
            time.sleep(0.02)
        return jobs.state(number)

    return wait
