"""``python -m paceline``: the command, for this very interpreter."""

from __future__ import annotations

from paceline.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
