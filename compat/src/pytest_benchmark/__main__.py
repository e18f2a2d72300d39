"""Run the commands as ``python -m pytest_benchmark``."""

import sys

from pytest_benchmark.cli import main

if __name__ == "__main__":
    sys.exit(main())
