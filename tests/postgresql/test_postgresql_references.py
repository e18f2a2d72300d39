"""References and triage mean on a server what they mean on a file."""

from __future__ import annotations

import pytest
from tests.postgresql.borrowed import borrowed_from
from tests.unit.store import test_store_find, test_store_triage

pytestmark = pytest.mark.slow

filled = test_store_find.filled
book = test_store_triage.book
globals().update(borrowed_from(test_store_find, test_store_triage))
