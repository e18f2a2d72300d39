"""Turns: put together from reports as they are heard, and given to the records of tests.

Records come as a stream in which a test's own record stands before those of the fixtures that
were set up in it: so a fixture's record belongs to the test before it. In one process records come
in batches, maybe before the last report of their test; that test's are held back until then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.model import RESOURCES, Case, Resources, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Turns"]

_PHASES = frozenset({"setup", "call", "teardown"})
_NOTHING: tuple[None, ...] = (None,) * len(RESOURCES)
_TIME, _SETUP, _TEARDOWN = map(
    RESOURCES.index, ("test_time", "test_setup_time", "test_teardown_time")
)


class _Open:
    """The turn of a test's last attempt while its reports come in."""

    __slots__ = ("attempt", "done", "outcome", "position", "started", "worker")

    def __init__(self, worker: str, position: int, started: float, attempt: int) -> None:
        self.worker = worker
        self.position = position
        self.started = started
        self.attempt = attempt
        self.outcome = ""
        self.done = False


class _SetUps:
    """How often a fixture was set up in a run, and how many seconds that took in all."""

    __slots__ = ("record", "seconds", "times", "told")

    def __init__(self, record: Resources) -> None:
        self.record = record  # the longest one, with the turn of that time
        self.times = 0
        self.seconds = 0.0
        self.told = 0


class Turns:
    """Hears what became of tests and gives each record its turn."""

    def __init__(self) -> None:
        self._turns: dict[str, _Open] = {}
        self._set_ups: dict[tuple[str, str], _SetUps] = {}
        self._held: list[Resources] = []
        self._position = 0

    def hear(  # noqa: PLR0913  (each is what a report says)
        self,
        node_id: str,
        when: str | None,
        *,
        outcome: str,
        started: float,
        worker: str,
        expected: bool,
    ) -> tuple[Resources, ...]:
        """Take one report; give the record of a test that crashed, which has no other.

        ``started`` in seconds since the epoch; ``expected`` where the author expected a failure.
        """
        turn = self._turns.get(node_id)
        if when == "setup" or turn is None:
            attempt = 1 if turn is None else turn.attempt + 1
            turn = self._turns[node_id] = _Open(worker, self._position, started, attempt)
            self._position += 1
        if when == "call":
            turn.outcome = _outcome(outcome, expected=expected)
        elif when == "teardown":
            turn.done = True
            if outcome == "failed" and turn.outcome != "failed":
                turn.outcome = "error"
        elif when == "setup":
            if outcome != "passed":
                turn.outcome = (
                    "error" if outcome == "failed" else _outcome(outcome, expected=expected)
                )
        elif outcome == "failed":
            turn.outcome = "crashed"
            turn.done = True
            return (Resources(Case(node_id), _NOTHING, (), _closed(turn, 0.0)),)
        return ()

    def give(self, records: Sequence[Resources]) -> tuple[Resources, ...]:
        """Give records their turns; those of a test that goes on are held back."""
        stream = [*self._held, *records] if self._held else records
        if not stream:
            return ()
        last = next((at for at in range(len(stream) - 1, -1, -1) if not stream[at].case.label), 0)
        turn = self._turns.get(stream[last].case.node_id)
        ready = len(stream) if turn is not None and turn.done else last
        self._held = list(stream[ready:])
        return self._turned(stream[:ready])

    def finish(self) -> tuple[Resources, ...]:
        """Give what was held back, and anew the fixtures that were set up again since."""
        rest, self._held = self._turned(self._held), []
        again = []
        for one in self._set_ups.values():
            if one.told < one.times:
                one.told = one.times
                again.append(_counted(one))
        return (*rest, *again)

    def _turned(self, stream: Sequence[Resources]) -> tuple[Resources, ...]:
        """Give each record its turn; of a fixture set up again, only a longer set-up."""
        made: list[Resources] = []
        at, test = -1, Case("")
        shared = 0.0
        for record in stream:
            if record.case.label:
                shared += self._set_up(record, test, made)
                continue
            if shared:
                made[at] = _sharing(made[at], shared)
                shared = 0.0
            at, test = len(made), record.case
            turn = self._turns.get(test.node_id)
            made.append(_with(record, _closed(turn, 0.0)) if turn is not None else record)
        if shared:
            made[at] = _sharing(made[at], shared)
        return tuple(made)

    def _set_up(self, record: Resources, test: Case, made: list[Resources]) -> float:
        """Take the record of a set-up; give its seconds where other tests may share the fixture."""
        turn = self._turns.get(test.node_id)
        if turn is None:
            made.append(record)
            return 0.0
        seconds = record.figures[_TIME] or 0.0
        key = (record.case.node_id, record.case.label)
        if key[0] == test.node_id:  # set up for this test alone
            began = Turn(turn.worker, turn.position, turn.started, "", turn.attempt)
            made.append(_with(record, began))
            return 0.0
        known = self._set_ups.get(key)
        longest = known is None or seconds > (known.record.figures[_TIME] or 0.0)
        if known is None:
            known = self._set_ups[key] = _SetUps(record)
        known.times += 1
        known.seconds += seconds
        if longest:
            known.record = _with(record, Turn(turn.worker, turn.position, turn.started))
            known.told = known.times
            made.append(_counted(known))
        return seconds


def _outcome(outcome: str, *, expected: bool) -> str:
    """Name how a phase ended in our words."""
    if expected:
        return {"skipped": "xfailed", "passed": "xpassed"}.get(outcome, "failed")
    return outcome if outcome in {"passed", "skipped"} else "failed"


def _closed(turn: _Open, shared: float) -> Turn:
    return Turn(turn.worker, turn.position, turn.started, turn.outcome, turn.attempt, shared)


def _with(record: Resources, turn: Turn) -> Resources:
    return Resources(record.case, record.figures, record.unsure, turn)


def _counted(one: _SetUps) -> Resources:
    turn = one.record.turn
    counted = Turn(turn.worker, turn.position, turn.started, "", one.times, one.seconds)
    return _with(one.record, counted)


def _sharing(record: Resources, shared: float) -> Resources:
    """Say how long set-ups took in a test: never longer than what came before its teardown.

    A fixture that asks for another one while it is set up counts with that one's time.
    """
    time, turn = record.figures[_TIME], record.turn
    if time is not None:
        shared = min(shared, time - (record.figures[_TEARDOWN] or 0.0))
    told = Turn(
        turn.worker, turn.position, turn.started, turn.outcome, turn.attempt, max(shared, 0.0)
    )
    return _with(record, told)
