"""The ``paceline`` command: find what was asked for, run it, and end with a public exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from paceline.cli.arguments import command_of, parse
from paceline.cli.console import Console
from paceline.errors import PacelineError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_INTERRUPTED = 130  # 128 + SIGINT, as shells say it
_UNHEARD = 141  # 128 + SIGPIPE: whoever read the output has gone


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors are said on stderr."""
    console = Console(sys.stdout, sys.stderr, os.environ)
    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
        status = command_of(arguments.command).run(arguments, console)
        console.flush()
    except PacelineError as error:
        console.complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        console.note("interrupted")
        return _INTERRUPTED
    except BrokenPipeError:
        console.hang_up()
        return _UNHEARD
    except OSError as error:  # a full disk behind standard output, or none at all
        console.hang_up()
        console.note(f"error: the output can't be written: {error.strerror}")
        return PacelineError.exit_code
    except SystemExit as ended:  # --help and --version
        return int(ended.code or 0)
    return status
