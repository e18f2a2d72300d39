from __future__ import annotations

import pytest

from paceline.suite.task import lives_on


@pytest.mark.parametrize(
    ("key", "lives"),
    [(". fixture app", True), ("tests fixture app", False), ("tests/a.py fixture app", False)],
)
def test_only_a_session_s_fixture_outlives_its_module(key: str, lives: bool) -> None:
    assert lives_on(key) is lives
