"""Keep the order of the runs that tests start: pytest-randomly is loaded where it is meant."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _in_order(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "pytester" in request.fixturenames:
        request.getfixturevalue("pytester")  # it takes the variable away when it begins
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly")
