from __future__ import annotations

from paceline.guard.grammar import parse_rule
from paceline.guard.options import GuardOptions
from paceline.options import declarations


def test_every_guard_option_has_a_flag_or_flags() -> None:
    assert all(one.flag or one.flags for one in declarations(GuardOptions))


def test_the_defaults_judge_nothing_but_declared_budgets() -> None:
    options = GuardOptions()
    assert (options.budgets, options.baseline, options.strict) == ("", "", False)
    assert (options.threshold, options.level) == (0.10, 0.95)
    assert tuple(map(parse_rule, options.fail_on)) == ()
