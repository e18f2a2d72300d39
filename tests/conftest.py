from __future__ import annotations

import os

pytest_plugins = ["pytester"]

# On CI pytest prints whole messages in its summary: the runs that tests start print alike everywhere.
for _name in ("CI", "BUILD_NUMBER"):
    os.environ.pop(_name, None)
