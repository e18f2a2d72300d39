from __future__ import annotations

import pytest

from paceline import errors
from paceline.errors import PacelineError, UsageError
from paceline.guard.explain import EXPLANATIONS, explain
from paceline.guard.gate import ExitStatus
from paceline.model import METRICS, Kind


def codes() -> set[str]:
    known = [getattr(errors, name) for name in errors.__all__]
    return {one.code for one in known if isinstance(one, type) and issubclass(one, PacelineError)}


def test_every_public_name_is_explained() -> None:
    names = {str(status.value) for status in ExitStatus} | {"13", "14"}
    names |= codes() | set(METRICS) | {kind.value for kind in Kind}
    assert names | {"ratio"} == set(EXPLANATIONS)


@pytest.mark.parametrize("name", ["pac210", "over_budget", "over budget", "OVER-BUDGET", "10"])
def test_the_spelling_of_a_name_is_free(name: str) -> None:
    assert len(explain(name)) > 20


def test_a_metric_is_explained_with_unit_and_direction() -> None:
    assert explain("throughput").endswith("Per second; higher is better.")


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'PAC211'.*\n.*did you mean 'PAC210'"):
        explain("PAC211")
