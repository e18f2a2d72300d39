from __future__ import annotations

from typing import Any

import pytest

from paceline.errors import Place, SettingsError
from paceline.guard.gate import exit_status
from paceline.guard.policy import (
    Does,
    Policy,
    apply,
    is_goal,
    parse_policies,
    policy_for,
    threshold_for,
)
from paceline.model import METRICS, Case, Kind, Verdict
from paceline.options import Entry

AT = Place("pyproject.toml", 7)


def verdict(kind: Kind, *, group: str = "lab", **more: Any) -> Verdict:
    case = Case("a.py::test", group=group)
    subject = more.pop("subject", "baseline main")
    return Verdict(case, METRICS["wall_time"], "min", kind, None, None, "1.2×", subject, **more)


def tables(**groups: Any) -> dict[str, Entry]:
    def placed(value: Any, line: int) -> Entry:
        inner = isinstance(value, dict)
        return Entry(
            {key: placed(one, line + 1) for key, one in value.items()} if inner else value,
            Place("p.toml", line),
        )

    return {group: placed(value, line * 10) for line, (group, value) in enumerate(groups.items())}


def status(policy: Policy, *kinds: Kind, strict: bool = True) -> int:
    ruled = apply([verdict(kind) for kind in kinds], [policy])
    return int(exit_status(ruled.failing, strict=strict))


@pytest.mark.parametrize(
    ("does", "kind", "ends"),
    [
        (Does.BLOCK, Kind.REGRESSED, 11),
        (Does.BLOCK, Kind.OK, 0),
        (Does.MONITOR, Kind.REGRESSED, 0),
        (Does.MONITOR, Kind.OVER_BUDGET, 0),
        (Does.TREND, Kind.UNSURE, 0),
        (Does.IMPROVE, Kind.IMPROVED, 0),
        (Does.IMPROVE, Kind.OK, 11),
        (Does.IMPROVE, Kind.REGRESSED, 11),
        (Does.IMPROVE, Kind.UNSURE, 12),
        (Does.IMPROVE, Kind.NEW, 0),
        (Does.IMPROVE, Kind.OVER_BUDGET, 10),
    ],
)
def test_what_a_result_does(does: Does, kind: Kind, ends: int) -> None:
    assert status(Policy("lab", does), kind) == ends


def test_one_improved_figure_of_a_benchmark_is_enough() -> None:
    assert status(Policy("lab", Does.IMPROVE), Kind.IMPROVED, Kind.OK) == 0
    assert status(Policy("lab", Does.IMPROVE), Kind.IMPROVED, Kind.REGRESSED) == 11


def test_a_missed_goal_says_what_was_asked_and_where() -> None:
    (found,) = apply([verdict(Kind.OK)], [Policy("lab", Does.IMPROVE, 0.1, AT)]).verdicts
    assert (found.kind, found.place, is_goal(found)) == (Kind.REGRESSED, AT, True)
    assert found.because == "had to improve by 10 %: 1.2×"
    (found,) = apply([verdict(Kind.OK)], [Policy("lab", Does.IMPROVE)]).verdicts
    assert found.because == "had to improve: 1.2×"


def test_a_kept_budget_is_no_missed_goal() -> None:
    given = verdict(Kind.OK, subject="budget api")
    assert apply([given], [Policy("lab", Does.IMPROVE)]).verdicts == (given,)


def test_what_is_spared_is_said_with_its_place() -> None:
    kinds = [Kind.REGRESSED, Kind.REGRESSED, Kind.UNSURE, Kind.OK]
    ruled = apply([verdict(kind) for kind in kinds], [Policy("l*", Does.MONITOR, place=AT)])
    assert ruled.notes == (
        "group 'l*' is only monitored (pyproject.toml:7): not counted: 2 regressions, 1 unsure",
    )
    assert [one.kind for one in ruled.verdicts] == kinds
    assert ruled.verdicts[0].because == "1.2×; only monitored"


def test_nothing_is_said_where_nothing_was_spared() -> None:
    ruled = apply([verdict(Kind.OK)], [Policy("lab", Does.TREND)])
    assert (ruled.notes, ruled.failing) == ((), ())
    (note,) = apply([verdict(Kind.UNSURE)], [Policy("lab", Does.TREND)]).notes
    assert note.startswith("group 'lab' is judged by its trend (paceline history): not counted")


def test_without_policies_each_verdict_stands() -> None:
    given = tuple(map(verdict, Kind))
    ruled = apply(given, [])
    assert (ruled.verdicts, ruled.failing, ruled.notes) == (given, given, ())


def test_the_groups_own_name_wins_over_patterns_and_the_first_pattern_over_others() -> None:
    policies = [Policy(name, Does.MONITOR) for name in ("api*", "*", "api[1]", "api1")]
    names = {
        group: found.group if (found := policy_for(Case("a", group=group), policies)) else None
        for group in ("api", "api1", "api[1]", "", "other")
    }
    assert names == {"api": "api*", "api1": "api1", "api[1]": "api[1]", "": "*", "other": "*"}
    assert policy_for(Case("a", group="web"), policies[:1]) is None


def test_a_threshold_is_the_policys_or_the_usual_one() -> None:
    policies = [Policy("api", Does.BLOCK, 0.05), Policy("lab", Does.MONITOR)]
    found = [threshold_for(Case("a", group=group), policies, 0.1) for group in ("api", "lab", "x")]
    assert found == [0.05, 0.1, 0.1]


def test_a_policy_is_a_word_or_a_table() -> None:
    found = parse_policies(
        tables(nightly="monitor", api={"does": "block", "threshold": "5 %"}, web={"threshold": 0.2})
    )
    assert found == (
        Policy("nightly", Does.MONITOR, None, Place("p.toml", 0)),
        Policy("api", Does.BLOCK, 0.05, Place("p.toml", 10)),
        Policy("web", Does.BLOCK, 0.2, Place("p.toml", 20)),
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("monitr", "p.toml: policy 'a' does 'monitr'"),
        (5, "p.toml: policy 'a' does 5"),
        ({"does": "improv"}, "p.toml:1: policy 'a' does 'improv'"),
        ({"thresh": 1}, "p.toml:1: unknown key 'thresh'"),
        ({"threshold": "fast"}, "p.toml:1: threshold: "),
        ({"threshold": -1}, "p.toml:1: threshold = -1 is below zero"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_line(value: Any, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_policies(tables(a=value))
    assert str(caught.value).startswith(message)


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError, match="2 entries can't be used"):
        parse_policies(tables(a="no", b={"does": "nor"}))
