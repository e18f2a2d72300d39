from __future__ import annotations

import subprocess
import sys

from paceline.options import declarations
from paceline.store.options import StoreOptions


def test_every_option_has_its_key() -> None:
    keys = [one.key for one in declarations(StoreOptions)]
    assert keys == ["store.path", "store.keep_runs", "store.keep_days", "store.raw_runs"]


def test_reading_the_options_does_not_load_the_database_driver() -> None:
    code = "import sys, paceline.store.options; sys.exit('sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
