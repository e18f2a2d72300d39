"""Load what the plugin loads late: pytester forgets modules that its inner runs import first."""

from __future__ import annotations

import pytest

import paceline.plugin.collector
import paceline.plugin.dropin.fixture
import paceline.plugin.dropin.recording
import paceline.plugin.dropin.session
import paceline.plugin.dropin.showing
import paceline.plugin.gathering
import paceline.plugin.leaks
import paceline.plugin.memory
import paceline.plugin.memory_limit
import paceline.plugin.monitors
import paceline.plugin.recording
import paceline.plugin.resources
import paceline.plugin.selecting
import paceline.plugin.serial
import paceline.plugin.timeouts
import paceline.probes.audit

__all__ = ["paceline"]


@pytest.fixture(autouse=True)
def _started_by_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)  # of the run that runs these tests
    monkeypatch.setattr(paceline.probes.audit, "_installed", [])  # an inner run's stays for good
