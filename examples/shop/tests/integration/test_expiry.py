"""Things that grow old on the real clock: the tests wait for it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from shop.cache import Cache
from shop.jobs import PaymentService

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.2, 0.3])
def test_an_answer_is_asked_for_again(seconds: float) -> None:
    cache = Cache[str](most=10, seconds=seconds)
    service = PaymentService(seconds=0.05)
    first = cache.get("rate", lambda: service.pay(1, 1))
    assert service.requests == 1
    time.sleep(seconds + 0.01)
    assert cache.get("rate", lambda: service.pay(1, 1)) == first
    assert service.requests == 2


@pytest.mark.parametrize("pause", [0.05, 0.1, 0.15])
def test_a_file_that_appears_is_seen(tmp_path: Path, pause: float) -> None:
    """A supplier drops a file into a folder; we look every 25 ms."""
    file = tmp_path / "delivery.csv"
    timer = threading.Timer(pause, lambda: file.write_text("sku\n", encoding="utf-8"))
    timer.start()
    deadline = time.monotonic() + 10
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.025)
    timer.join()
    assert file.read_text(encoding="utf-8") == "sku\n"


@pytest.mark.parametrize("callers", [2, 4, 8])
def test_callers_wait_for_each_other(callers: int) -> None:
    service, lock = PaymentService(seconds=0.04), threading.Lock()

    def pay() -> None:
        with lock:
            service.pay(1, 1)

    threads = [threading.Thread(target=pay) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert service.requests == callers
