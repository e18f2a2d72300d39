from __future__ import annotations

import os

pytest_plugins = ["pytester"]

# On CI pytest prints whole messages in its summary; what tests start prints alike everywhere.
for _name in ("CI", "BUILD_NUMBER"):
    os.environ.pop(_name, None)
