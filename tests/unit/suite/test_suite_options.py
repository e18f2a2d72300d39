from __future__ import annotations

import pytest

from paceline.options import declarations
from paceline.suite.options import Engine, OrderBy, SuiteOptions
from paceline.suite.order import Order
from paceline.suite.timeout_options import TimeoutOptions


def test_without_settings_nothing_is_forked_and_nothing_is_timed() -> None:
    suite, limits = SuiteOptions(), TimeoutOptions()
    assert (suite.workers, suite.engine, suite.order) == ("", Engine.AUTO, OrderBy.AUTO)
    assert limits.test == limits.run == 0


def test_every_order_that_can_be_asked_for_is_one() -> None:
    assert {one.value for one in OrderBy} - {"auto"} == {one.value for one in Order}


@pytest.mark.parametrize("options", [SuiteOptions, TimeoutOptions])
def test_every_option_says_what_it_does(options: type) -> None:
    assert all(one.help.endswith(".") for one in declarations(options))
