"""Turn: when a test had its turn in a run, on which worker, and how that ended."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OUTCOMES", "Turn"]

OUTCOMES: tuple[str, ...] = (
    *("passed", "failed", "error", "skipped", "xfailed", "xpassed"),
    "crashed",
)
"""How a test can end; ``error`` stands for a broken set-up or teardown."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A test's turn; ``started`` in seconds since the epoch, ``position`` from 0 on by set-up.

    ``worker`` is "" in one process, ``outcome`` one of `OUTCOMES` or "" where none was heard,
    ``attempt`` counts from 1; ``shared`` is the time within the test, in seconds, that set-ups of
    fixtures took which other tests may use too.

    The record of a fixture's set-up bears worker, position and start of the test that it happened
    in, no outcome, in ``attempt`` how often the fixture was set up in the run so far and, where
    tests share it, in ``shared`` how many seconds that took in all.
    """

    worker: str = ""
    position: int = -1
    started: float = 0.0
    outcome: str = ""
    attempt: int = 1
    shared: float = 0.0
