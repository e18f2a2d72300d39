"""What probes of the interpreter need: to be the only one who watches it."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest

from paceline.engine.forked.freezing import thaw

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def thawed() -> None:
    """Let the collector's lists name everything, in a forked worker too."""
    thaw()


@pytest.fixture
def untraced() -> Iterator[None]:
    """Take a tracer such as coverage's off while a test counts."""
    mine, everyones = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    yield
    threading.settrace(everyones)
    sys.settrace(mine)
