from __future__ import annotations

import pytest

from paceline.guard.gate import ExitStatus, exit_status
from paceline.model import METRICS, Case, Kind, Verdict


def verdict(kind: Kind) -> Verdict:
    return Verdict(Case("a::b"), METRICS["wall_time"], "mean", kind, None, None, "", "budget a")


@pytest.mark.parametrize(
    ("kinds", "strict", "status"),
    [
        ("", True, 0),
        ("ok new improved", True, 0),
        ("ok unsure", False, 0),
        ("ok unsure", True, 12),
        ("unsure regressed", True, 11),
        ("regressed over_budget unsure", True, 10),
        ("over_budget", False, 10),
    ],
)
def test_the_gravest_verdict_decides(kinds: str, status: int, *, strict: bool) -> None:
    verdicts = [verdict(Kind[kind.upper()]) for kind in kinds.split()]
    assert exit_status(verdicts, strict=strict) is ExitStatus(status)
