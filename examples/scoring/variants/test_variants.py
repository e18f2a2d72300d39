"""Two variants of the service's code side by side: what the next release costs.

paceline ab --base variant=released --head variant=candidate -- variants
"""

from __future__ import annotations

from typing import Any

import pytest

from scoring import fast_risk, make_transaction, risk, score

VARIANTS = ["released", "candidate"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_stronger_hash(benchmark: Any, variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The candidate hashes a tenth more often, which is a tenth more work."""
    rounds = score.ROUNDS
    monkeypatch.setattr(score, "ROUNDS", rounds + rounds // 10 * (variant == "candidate"))
    assert 0 <= benchmark(risk, make_transaction(7)) <= 1


@pytest.mark.parametrize("variant", VARIANTS)
def test_optimised(benchmark: Any, variant: str) -> None:
    """Nothing about it differs between the two."""
    assert variant in VARIANTS
    assert 0 <= benchmark(fast_risk, make_transaction(7)) <= 1
