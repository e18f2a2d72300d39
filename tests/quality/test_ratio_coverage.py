"""The interval of a ratio holds the true ratio, and leaves out 1 by mistake as seldom as stated."""

import math
from typing import Any

import pytest

from paceline.stats.change import compare
from paceline.stats.ratio import paired_ratio, ratio

pytestmark = pytest.mark.slow

TRIALS = 2500
TRUTH = 1.1
MISSED = 0.07
# too few values to meet a spike, or to see how alike 40 of them are
RARE = {
    ("spikes", "mean", 40): 0.40,
    ("spikes", "mean", 100): 0.08,
    ("AR 0.9", "mean", 40): 0.09,
    ("AR 0.9", "median", 40): 0.09,
}
KINDS = ["normal", "lognormal", "AR 0.3", "AR 0.6", "AR 0.9", "spikes"]


@pytest.mark.parametrize("statistic", ["mean", "median"])
@pytest.mark.parametrize("kind", KINDS)
def test_ratios_hold(kind: str, statistic: str, noise: Any, tally: Any, say: Any) -> None:
    for counts in ((100, 100), (40, 400)):
        found = []
        for _ in range(TRIALS):
            base, head = (noise.draw(kind, count) for count in counts)
            found.append(ratio(base, [TRUTH * value for value in head], statistic=statistic))
        missed = tally(not one.low <= TRUTH <= one.high for one in found)
        say(counts, f"missed {missed}")
        assert missed.at_most <= RARE.get((kind, statistic, min(counts)), MISSED)


@pytest.mark.parametrize("kind", KINDS)
def test_paired_ratios_hold(kind: str, noise: Any, tally: Any, say: Any) -> None:
    for statistic in ("mean", "median"):
        found = []
        for _ in range(TRIALS):
            base, own = noise.draw(kind, 100), noise.draw("AR 0.6", 100)
            head = [TRUTH * a * math.exp(b - 1) for a, b in zip(base, own, strict=True)]
            found.append(paired_ratio(base, head, statistic=statistic))
        missed = tally(not one.low <= TRUTH <= one.high for one in found)
        width = sorted(one.half_width for one in found)[TRIALS // 2]
        say(statistic, f"missed {missed}", f"typical half width {100 * width:.2f} %")
        assert missed.at_most <= 0.08


@pytest.mark.parametrize("kind", ["normal", "AR 0.6", "spikes"])
def test_the_same_code_is_seldom_significant(kind: str, noise: Any, tally: Any, say: Any) -> None:
    draw = noise.draw
    changes = (
        compare(draw(kind, 100), draw(kind, 100), statistic="median", threshold=0.0)
        for _ in range(TRIALS)
    )
    wrong = tally(change.significant for change in changes)
    say(f"significant {wrong}")
    assert wrong.at_most <= 0.07
