"""Pool: workers forked from this process, fed from one plan, until every task has ended.

The controller sleeps between two looks, so that what the workers send is read in batches; a worker
that runs dry rings a bell. It is fed ahead of that, but only as far as can be taken back.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
import traceback
from typing import TYPE_CHECKING

from paceline.engine.forked.freezing import frozen
from paceline.engine.forked.hand import Hand
from paceline.engine.forked.slots import NOTHING, Slots
from paceline.engine.forked.worker import RING, Worker
from paceline.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.engine.forked.audience import Audience
    from paceline.engine.forked.hand import Crash
    from paceline.engine.forked.messages import Message
    from paceline.engine.forked.worker import Work
    from paceline.suite.dispatch import Dispatcher
    from paceline.suite.plan import Plan

__all__ = ["Pool", "PoolError"]

NAP = 0.02
"""Seconds between two looks at what workers sent."""

AHEAD = 0.06
"""Expected seconds of work that a worker is handed beyond what it runs: three naps."""

_GRACE = 0.5  # seconds that running tests have to end when the run is to stop
_PATIENCE = 10.0  # seconds that an interrupted or finished worker has to end
_RINGS = 4096
_BARREN = 20


class PoolError(MeasureError):
    """The workers can't go on; what they had not run is not run."""


class Pool:
    """Forked workers and the loop that feeds and hears them."""

    def __init__(
        self,
        work: Work,
        audience: Audience,
        dispatcher: Dispatcher,
        plan: Plan,
        *,
        pinned: bool = False,
    ) -> None:
        self._work = work
        self._audience = audience
        self._dispatcher = dispatcher
        self._count = plan.workers
        self._pinned = pinned
        self._slots = Slots(self._count + 1)
        self._hearing, self._bell = os.pipe()
        os.set_blocking(self._hearing, False)
        self._hands: dict[int, Hand] = {}
        self._stopped = False
        self._barren = 0  # workers lost since a task last ended
        self._unknown = {task for task, one in enumerate(plan.expectations) if not one.known}
        self._seconds = [one.seconds for one in plan.expectations]

    def run(self) -> None:
        """Run everything; return when all workers have ended.

        An interrupt lets the workers tear down in order; a second one kills them at once.
        """
        try:
            with frozen():
                for number in range(self._count):
                    self._hands[number] = self._fork(number)
                while self._hands:
                    self._turn()
        except KeyboardInterrupt:
            self._interrupt()
            raise
        finally:
            self._kill_all()

    def trial(self, tasks: Sequence[int], *, seconds: float) -> tuple[list[Message], Crash | None]:
        """Run tasks in this order in a fresh worker and give what it sent, and its crash if any.

        A worker that takes longer than ``seconds`` is killed, which is a crash.
        """
        hand = self._fork(self._count)
        hand.give(tasks, 0.0)
        hand.end()
        until, found = time.monotonic() + seconds, []
        try:
            while hand.alive():
                _ready([hand.mailbox.descriptor, hand.output])
                found += self._heard(hand)
                hand.printed()
                if time.monotonic() > until:
                    hand.kill()
            found += self._heard(hand)
            doing = self._slots.look(self._count).task
            crash = None if hand.ended else hand.crash(None if doing == NOTHING else doing)
        finally:
            hand.kill()
            hand.close()
            self._audience.left(hand.number)
        return found, crash

    def kill(self, worker: int) -> None:
        """End a worker that does not end by itself."""
        self._hands[worker].kill()

    def _fork(self, number: int) -> Hand:
        """Start a worker; in the child this never returns."""
        hand = Hand(number, self._bell)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self._slots.write(number, NOTHING, time.monotonic())
        process = os.fork()
        if process == 0:
            self._serve(hand)
        hand.forked(process)
        return hand

    def _serve(self, hand: Hand) -> None:
        """Be the worker, to the end of the process."""
        status = 1
        try:
            os.close(self._hearing)
            for other in self._hands.values():
                other.let_go()
            hand.become()
            worker = Worker(hand.number, hand.lines, self._slots, pinned=self._pinned)
            status = _guarded(worker, self._work)
        finally:
            os._exit(status)

    def _turn(self) -> None:
        """Look once: hear, reap, feed."""
        self._listen()
        for hand in list(self._hands.values()):
            if self._audience.debugging not in {None, hand.number}:
                continue
            alive = hand.alive()
            self._hear(hand)
            if not alive:
                self._reap(hand)
        if self._audience.debugging is not None:
            return
        if not self._stopped and self._audience.stopping():
            self._stop()
        self._feed([hand for hand in self._hands.values() if not hand.ending])
        self._audience.pulse([self._slots.look(number) for number in range(self._count)])

    def _listen(self) -> None:
        """Sleep for a nap, or until a worker rings or writes."""
        outputs = [hand.output for hand in self._hands.values()]
        if self._hearing in _ready([self._hearing, *outputs]):
            self._hear_rings()

    def _hear_rings(self) -> None:
        """Note who has rung; what a worker rang that is gone says nothing of the next one."""
        with contextlib.suppress(BlockingIOError):
            rings = os.read(self._hearing, _RINGS * RING.size)
            for number, taken in RING.iter_unpack(rings):
                if taken >= 0 and number in self._hands:
                    self._hands[number].rang = taken

    def _hear(self, hand: Hand) -> None:
        """Take all that a worker has sent and written."""
        messages = self._heard(hand)
        if messages:
            with self._audience.listening():
                for message in messages:
                    self._take(hand, message)
        self._show(hand)

    def _heard(self, hand: Hand) -> list[Message]:
        """Take what a worker sent, but for its questions, which are answered."""
        found = []
        for message in hand.read():
            if message[0] == "ask":
                hand.answer(self._audience.answer(hand.number, message))
                continue
            hand.ended = hand.ended or message[0] == "end"
            found.append(message)
        return found

    def _take(self, hand: Hand, message: Message) -> None:
        kind = message[0]
        if kind == "done":
            hand.open.pop(message[1], None)
            hand.top_up()
            self._dispatcher.finished(hand.number, message[1])
            self._barren = 0
        elif kind == "back":
            hand.open.pop(message[1], None)
            # Whatever else it holds may be bound elsewhere once the audience has heard of it.
            self._dispatcher.given_back(hand.number, [message[1], *hand.take_back()])
        self._audience.hear(hand.number, message)

    def _show(self, hand: Hand) -> None:
        data = hand.printed()
        if data:
            self._audience.show(hand.number, data)

    def _feed(self, hands: Sequence[Hand]) -> None:
        """Hand out work until each worker has enough; tell one that waits how things stand.

        They take turns: the first is not to get what the others could begin at once.
        """
        takers = list(hands)
        while takers:
            takers = [hand for hand in takers if self._hand_out(hand)]
        for hand in hands:
            if hand.hungry and (not hand.open or self._runs_last(hand)):
                self._satisfy(hand)

    def _has_too_little(self, hand: Hand) -> bool:
        """Tell whether a worker needs more; behind a test of unknown length nothing is to wait."""
        if not hand.open or (hand.hungry and self._runs_last(hand)):
            return True
        return hand.load < AHEAD and not self._unknown.intersection(hand.open)

    def _hand_out(self, hand: Hand) -> bool:
        """Hand out one chunk; False where the worker has enough or nothing is for it."""
        chunk = self._dispatcher.take(hand.number) if self._has_too_little(hand) else None
        if chunk is None:
            return False
        hand.give(chunk.tasks, chunk.seconds / len(chunk.tasks))
        return True

    def _runs_last(self, hand: Hand) -> bool:
        """Tell whether the worker runs the last of what it was handed."""
        return list(hand.open) == [self._slots.look(hand.number).task]

    def _satisfy(self, hand: Hand) -> None:
        """Find something for a worker that has nothing more, elsewhere or later."""
        if self._steal(hand):
            return
        few = 0 if self._audience.keeps(hand.number) else 1
        elsewhere = any(len(one.open) > few for one in self._hands.values() if one is not hand)
        if self._dispatcher.waiting or elsewhere:
            hand.wait()
        else:
            hand.end()

    def _steal(self, thief: Hand) -> bool:
        """Take the later half of what the richest worker has not begun."""
        number = self._dispatcher.richest(thief.number)
        victim = self._hands.get(number) if number is not None else None
        if victim is None or victim.ending:
            return False
        allowed = set(self._dispatcher.stealable(victim.number))
        rows = victim.take_back()
        movable = [row for row in rows if row in allowed]
        stolen = movable[len(movable) // 2 :]
        kept = [row for row in rows if row not in set(stolen)]
        if kept:
            self._return(victim, kept)
        if not stolen:
            return False
        self._dispatcher.given_back(victim.number, stolen)
        chunk = self._dispatcher.take(thief.number)
        if chunk is None:
            return False
        thief.give(chunk.tasks, chunk.seconds / len(chunk.tasks))
        return True

    def _return(self, hand: Hand, rows: Sequence[int]) -> None:
        for row in rows:
            hand.give([row], self._seconds[row])

    def _reap(self, hand: Hand) -> None:
        """Take leave of a worker that has ended; where it was not told to, fork another."""
        self._show(hand)
        del self._hands[hand.number]
        try:
            if not hand.ended:
                self._bury(hand)
        finally:
            hand.close()

    def _bury(self, hand: Hand) -> None:
        doing = self._slots.look(hand.number).task
        task = doing if doing in hand.open else None
        if task is not None:
            del hand.open[task]
        self._barren += 1
        if self._barren > _BARREN:
            raise PoolError(
                "forked workers end before they have run a test",
                remedy="run them as processes of their own: --paceline-engine=xdist",
            )
        again = self._audience.crashed(hand.number, hand.crash(task))
        back = [*([task] if again and task is not None else []), *hand.open]
        if task is not None and not again:
            self._dispatcher.finished(hand.number, task)
        self._dispatcher.given_back(hand.number, back)
        self._dispatcher.lost(hand.number)
        self._hear_rings()  # its own, before another one has its number
        if self._dispatcher.left and not self._stopped:
            self._hands[hand.number] = self._fork(hand.number)

    def _stop(self) -> None:
        """End early: what has not begun never will; what runs has a moment, then is interrupted."""
        self._stopped = True
        for hand in self._hands.values():
            hand.take_back()
            hand.end()
        self._wait_for_end(_GRACE)
        self._interrupt()

    def _interrupt(self) -> None:
        """Interrupt what runs, once; then wait for the workers, whose fixtures are torn down."""
        self._stopped = True
        for hand in self._hands.values():
            hand.take_back()
            hand.end()
        self._wait_for_end(_PATIENCE, interrupting=True)
        self._kill_all()

    def _wait_for_end(self, seconds: float, *, interrupting: bool = False) -> None:
        """Hear the workers until they have ended, or for so long; perhaps interrupt each once."""
        until, spared = time.monotonic() + seconds, set(self._hands if interrupting else ())
        while self._hands and time.monotonic() < until:
            for number in [one for one in spared if self._slots.look(one).task != NOTHING]:
                spared.discard(number)
                self._hands[number].kill(signal.SIGINT)
            self._listen()
            for hand in list(self._hands.values()):
                alive = hand.alive()
                self._hear(hand)
                if not alive:
                    spared.discard(hand.number)
                    del self._hands[hand.number]
                    hand.close()

    def _kill_all(self) -> None:
        for hand in self._hands.values():
            hand.kill()
        while self._hands:
            _, hand = self._hands.popitem()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(hand.process, 0)
            hand.close()


def _ready(descriptors: Sequence[int]) -> set[int]:
    """Sleep for a nap, or until one of them can be read."""
    poll = select.poll()
    for one in descriptors:
        poll.register(one, select.POLLIN)
    return {descriptor for descriptor, _ in poll.poll(NAP * 1e3)}


def _guarded(worker: Worker, work: Work) -> int:
    try:
        worker.serve(work)
    except BaseException:  # noqa: BLE001  (the one place that runs user code: hooks of plugins)
        worker.send("internal", traceback.format_exc())
        return 1
    return 0
