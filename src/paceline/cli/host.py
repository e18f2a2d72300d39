"""``paceline host``: what this machine is good for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general, add_json
from paceline.guard.machine import judge_machine
from paceline.guard.noise import judge_noise
from paceline.probes.host import observe_host
from paceline.probes.machine import conditions, observe_machine
from paceline.probes.noise import observe_noise
from paceline.report.host import render, to_json

if TYPE_CHECKING:
    from paceline.cli.console import Console

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline host               facts, and ten seconds of noise
  paceline host --seconds 60  a longer look
  paceline host --json        for programs
"""
_LEAST, _MOST = 0.2, 3600.0


def declare(parser: argparse.ArgumentParser) -> None:
    """Add how long to look."""
    parser.add_argument(
        "--seconds",
        metavar="S",
        type=_seconds,
        default=10.0,
        help="how long to measure noise (default: 10)",
    )
    add_json(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Read the facts, measure the noise and say both; a bad machine is no error."""
    host, machine = observe_host(console.environment), observe_machine(console.environment)
    console.note(f"measuring noise for {arguments.seconds:g} s …")
    noise = observe_noise(arguments.seconds)
    facts = (*judge_machine(machine), *judge_noise(noise))
    if arguments.json:
        console.say(to_json(host, facts, noise, conditions(machine)))
    else:
        console.say(render(host, facts, noise, paint=console.paint, pure_ascii=console.pure_ascii))
    return 0


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not _LEAST <= seconds <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from {_LEAST:g} to {_MOST:g}")
    return seconds
