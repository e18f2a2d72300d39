import math
import random
from collections.abc import Callable

import pytest

from paceline.errors import MeasureError, UsageError
from paceline.stats.complexity import CLASSES, WORSE, fit

SIZES = [10, 100, 1000, 10_000]
COSTS: list[tuple[str, Callable[[float], float]]] = [
    ("O(1)", lambda _n: 5.0),
    ("O(log n)", lambda n: 2 + 3 * math.log2(n)),
    ("O(n)", lambda n: 700 + 2 * n),
    ("O(n log n)", lambda n: 10 + n * math.log2(n)),
    ("O(n^2)", lambda n: 1e4 + n**2),
    ("O(n^3)", lambda n: n**3),
]


@pytest.mark.parametrize(("name", "cost"), COSTS)
def test_each_class_is_found(name: str, cost: Callable[[float], float]) -> None:
    found = fit(SIZES, [cost(n) for n in SIZES])
    assert found.name == name
    assert found.goodness == pytest.approx(1.0, abs=1e-6)


def test_coefficient_and_constant_are_in_the_unit_of_the_cost() -> None:
    found = fit([1000, 10, 100], [2700.0, 720.0, 900.0])
    assert (found.constant, found.coefficient) == pytest.approx((700, 2))
    assert (found.sizes, found.costs) == ((10, 100, 1000), (720, 900, 2700))
    assert found.per_item_ratio == pytest.approx(2.7 / 72)


@pytest.mark.parametrize("power", [0.5, 1.5, 2.0])
def test_the_exponent_of_a_power_is_reported(power: float) -> None:
    found = fit(SIZES, [n**power for n in SIZES])
    assert found.exponent.point == pytest.approx(power)
    assert found.exponent.method == "log-log slope, 4 points"


def test_noise_costs_goodness_and_widens_the_exponent() -> None:
    found = fit(SIZES, [10.3, 97.0, 1030.0, 9700.0])
    assert 0.95 < found.goodness < 0.98
    assert found.exponent.low < 1 < found.exponent.high


@pytest.mark.parametrize(("power", "name"), [(1.5, "O(n)"), (2.5, "O(n^2)")])
def test_a_power_between_classes_is_not_the_lower_one(power: float, name: str) -> None:
    assert not fit(SIZES, [n**power for n in SIZES]).at_most(name)


def test_at_most_means_this_class_or_a_simpler_one() -> None:
    found = fit(SIZES, [n * 2.0 for n in SIZES])
    assert [name for name in CLASSES if found.at_most(name)] == list(CLASSES[2:])


def test_at_most_refuses_an_unknown_class() -> None:
    with pytest.raises(UsageError, match=r"O\(2\^n\)"):
        fit(SIZES, [1.0] * 4).at_most("O(2^n)")


def test_a_falling_cost_grows_not_at_all() -> None:
    assert fit(SIZES, [4.0, 3.0, 3.0, 2.0]).name == "O(1)"


def test_a_class_that_costs_nothing_at_the_smallest_size_is_no_fit() -> None:
    assert fit([1, 10, 100], [1.0, 1e3, 1e6]).name == "O(n^3)"


def test_sizes_may_start_at_one_and_repeat() -> None:
    found = fit([1, 1, 10, 10, 100, 100], [1.0, 1.1, 10.0, 11.0, 100.0, 110.0])
    assert found.name == "O(n)"


@pytest.mark.parametrize(
    ("sizes", "costs", "message"),
    [
        ([1, 10, 10], [1.0, 2.0, 3.0], "2 different sizes"),
        ([0, 10, 100], [1.0, 2.0, 3.0], "size 0 is below 1"),
        ([1, 10, 100], [0.0, 2.0, 3.0], "cost 0 is not positive"),
    ],
)
def test_what_cannot_be_fitted_is_said_with_a_remedy(
    sizes: list[float], costs: list[float], message: str
) -> None:
    with pytest.raises(MeasureError, match=message) as caught:
        fit(sizes, costs)
    assert caught.value.remedy


def test_sizes_and_costs_pair_up() -> None:
    with pytest.raises(UsageError, match="do not pair up"):
        fit([1, 2, 3], [1.0])


def test_a_noisy_linear_cost_is_linear_or_better() -> None:
    noise = random.Random(8)  # noqa: S311  (seeded data, no secret)
    for _ in range(100):
        assert fit(SIZES, [(n + 300) * noise.gauss(1, 0.03) for n in SIZES]).at_most("O(n)")


@pytest.mark.parametrize("cost", [lambda n: 2.0**n, lambda n: n**4.0])
def test_what_outgrows_every_class_is_at_most_none(cost: Callable[[float], float]) -> None:
    found = fit([2, 8, 16, 32], [cost(n) for n in (2, 8, 16, 32)])
    assert found.name == WORSE
    assert not found.at_most("O(n^3)")


def test_costs_that_no_class_fits_get_no_guess() -> None:
    found = fit([10, 100, 1000, 10_000], [1.0, 90.0, 20.0, 4000.0])
    with pytest.raises(MeasureError, match="no class fits"):
        found.at_most("O(n)")
    assert fit([10, 100, 1000, 10_000], [1e4, 10.0, 1e3, 1.0]).at_most("O(n^3)")


def test_a_cost_that_is_no_number_is_refused() -> None:
    with pytest.raises(MeasureError, match="finite"):
        fit([1, 2, 3], [1.0, float("nan"), 3.0])


def test_sizes_from_one_on_say_nothing_against_logarithms() -> None:
    assert fit([1, 2, 3], [1.0, 1.1, 1.15]).name in CLASSES
