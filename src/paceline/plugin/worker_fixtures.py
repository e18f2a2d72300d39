"""Worker fixtures: the two that pytest-xdist gives, where it is not installed."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

__all__ = ["testrun_uid", "worker_id"]


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name the worker that runs the test: ``gw0``, ``gw1`` … or ``master`` in one process."""
    given: dict[str, Any] = getattr(request.config, "workerinput", {})
    return str(given.get("workerid", "master"))


@pytest.fixture(scope="session")
def testrun_uid(request: pytest.FixtureRequest) -> str:
    """Give an identifier that all workers of a run share."""
    given: dict[str, Any] = getattr(request.config, "workerinput", {})
    return str(given.get("testrunuid") or uuid.uuid4().hex)
