"""Payments: another company's computer takes its time, and jobs wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shop.jobs import Jobs, PaymentService, RefusedError, retried

if TYPE_CHECKING:
    from collections.abc import Callable

    from shop.orders import Orders
    from shop.pricing import Basket

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
def test_a_payment_is_made_in_the_background(
    jobs: Jobs, ended: Callable[[Jobs, int], str], seconds: float
) -> None:
    service = PaymentService(seconds=seconds)
    number = jobs.submit(lambda: service.pay(1, 100))
    assert ended(jobs, number) == "done"
    assert service.requests == 1


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_refused_payment_is_tried_again(
    jobs: Jobs, ended: Callable[[Jobs, int], str], failures: int
) -> None:
    service = PaymentService(seconds=0.06, failures=failures)
    number = jobs.submit(lambda: retried(lambda: service.pay(1, 1), times=4, pause=0.03))
    assert ended(jobs, number) == "done"
    assert service.requests == failures + 1


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_payment_that_stays_refused_fails(
    jobs: Jobs, ended: Callable[[Jobs, int], str], times: int
) -> None:
    service = PaymentService(seconds=0.05, failures=9)
    number = jobs.submit(lambda: retried(lambda: service.pay(1, 1), times=times, pause=0.05))
    assert ended(jobs, number) == "failed"


@pytest.mark.parametrize("count", [2, 4, 6])
def test_jobs_are_done_in_turn(jobs: Jobs, ended: Callable[[Jobs, int], str], count: int) -> None:
    service, receipts = PaymentService(seconds=0.1), list[str]()
    numbers = [
        jobs.submit(lambda order=order: receipts.append(service.pay(order, 5)))
        for order in range(count)
    ]
    assert ended(jobs, numbers[-1]) == "done"
    assert receipts == [f"paid-{order}-5" for order in range(count)]


@pytest.mark.parametrize("number", range(8))
def test_a_paid_order_is_marked(
    orders: Orders,
    jobs: Jobs,
    basket: Callable[..., Basket],
    ended: Callable[[Jobs, int], str],
    number: int,
) -> None:
    order = orders.place("ada", basket(number), 100)
    service = PaymentService(seconds=0.2)

    def pay() -> None:
        service.pay(order, 100)
        orders.move(order, "paid")

    assert ended(jobs, jobs.submit(pay)) == "done"
    assert orders.state(order) == "paid"


def test_a_refusal_is_raised_at_the_end() -> None:
    service = PaymentService(seconds=0.05, failures=2)
    with pytest.raises(RefusedError, match="order 3"):
        retried(lambda: service.pay(3, 1), times=2, pause=0.05)
