"""Keep the order of the runs that tests start: pytest-randomly is loaded where it is meant."""

from __future__ import annotations

import os

os.environ["PYTEST_ADDOPTS"] = "-p no:randomly"
