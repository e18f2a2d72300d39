"""``paceline run``: pytest in this interpreter, with Paceline on."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paceline.cli.arguments import add_general
from paceline.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from paceline.cli.console import Console

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline run                            the whole suite
  paceline run performance -k encoding    any pytest arguments
  paceline run -n auto                    on all processors; -n 4: on four workers
  paceline run -n auto --explain          and say what runs where, and why
  paceline run --profile ci               arguments and settings of a profile
  paceline run --profile local --show-profile    what it sets, and from where
  paceline run --dry-run --ff             what would run, in order, failed ones first
  paceline run --json report.json         leave a JSON report
  paceline run --json - | jq .counts      JSON alone on stdout, pytest's output on stderr
  paceline run -- --json x                what follows -- is pytest's in any case
"""
_SIGNALLED = 128
_OURS = (
    (("-n", "--workers"), "N", "--paceline-workers", "run on N workers, or as many as fit: auto"),
    (("--engine",), "KIND", "--paceline-engine", "how workers are made: auto, fork, xdist"),
    (("--profile",), "NAME", "--paceline-profile", "use a profile: local, ci, performance, yours"),
    (("--show-profile",), "", "--paceline-show-profile", "say what it sets, and run nothing"),
    (("--explain",), "", "--paceline-explain", "say what is planned where, and why"),
    (("--dry-run",), "", "--paceline-dry-run", "list what would run, in order, and run nothing"),
)
"""Names, placeholder, the plugin's flag behind them, help."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Add what is ours; pytest gets the rest."""
    parser.add_argument(
        "--json", metavar="FILE", default="", help="write a JSON report, - to stdout"
    )
    for names, metavar, _, help_ in _OURS:
        keywords: dict[str, Any] = {"metavar": metavar} if metavar else {"action": "store_true"}
        parser.add_argument(*names, dest=names[-1], help=help_, default=None, **keywords)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run pytest and return its exit code."""
    folder = Path(arguments.project)
    if not folder.is_dir():
        raise UsageError(f"--project {arguments.project!r} is no folder")
    with _report(arguments.json) as file:
        options = ["--paceline", *(["--paceline-write", str(file)] if file else [])]
        options += _translated(arguments)
        command = [sys.executable, "-m", "pytest", *options, *arguments.others]
        aside = arguments.json == "-"
        status = _waited(command, folder, sys.stderr if aside else None)
        if aside and file is not None and file.is_file():
            console.say(file.read_text(encoding="utf-8"))
    return status


def _translated(arguments: argparse.Namespace) -> Iterator[str]:
    """Give the plugin's flags for those of ours that were given."""
    for names, metavar, flag, _ in _OURS:
        value = getattr(arguments, names[-1])
        if value is not None:
            yield f"{flag}={value}" if metavar else flag


@contextmanager
def _report(asked: str) -> Iterator[Path | None]:
    """Give the file that pytest is to write, a passing one where the report goes to stdout."""
    if asked != "-":
        if asked and not asked.endswith(".json"):
            raise UsageError(f"--json {asked!r} is no JSON file", remedy="end its name in .json")
        yield Path(asked).absolute() if asked else None
        return
    with tempfile.TemporaryDirectory(prefix="paceline-") as folder:
        yield Path(folder) / "report.json"


def _waited(command: Sequence[str], folder: Path, out: TextIO | None) -> int:
    """Wait for pytest, which ends in its own way on Ctrl-C; a second one terminates it."""
    with subprocess.Popen(command, cwd=folder, stdout=out) as process:  # noqa: S603  (ourselves)
        try:
            status = _patient(process)
        except KeyboardInterrupt:
            process.terminate()
            raise
    return status if status >= 0 else _SIGNALLED - status


def _patient(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait()
    except KeyboardInterrupt:
        if not (sys.stdin and sys.stdin.isatty()):
            # A terminal interrupts pytest as well; whoever sent us a signal may not have.
            process.send_signal(signal.SIGINT)
        return process.wait()
