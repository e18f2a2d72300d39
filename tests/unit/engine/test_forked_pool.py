from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from paceline.engine.forked import pool as pools
from paceline.engine.forked.hand import Crash
from paceline.engine.forked.pool import Pool, PoolError
from paceline.engine.forked.worker import RING
from paceline.suite.chunks import Chunk
from paceline.suite.dispatch import Dispatcher
from paceline.suite.expectation import Expectation, Source
from paceline.suite.order import Order
from paceline.suite.plan import Plan, Room
from paceline.suite.task import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from paceline.engine.forked.messages import Message
    from paceline.engine.forked.worker import Worker

    Does = Callable[[int, Worker], Any]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")


class Work:
    """Runs numbers; what a task does is a function's."""

    def __init__(self, does: Does, *, leave: Callable[[], object] = lambda: None) -> None:
        self._does = does
        self._leave = leave

    def enter(self, worker: Worker) -> None:
        worker.send("entered", os.getpid())

    def run(self, task: int, worker: Worker) -> bool:
        result = self._does(task, worker)
        worker.send("done", task, result)
        return bool(result != "last")

    def leave(self, worker: Worker) -> None:
        self._leave()
        worker.send("end", os.getpid())


class Ear:
    """Keeps what is heard."""

    debugging: int | None = None

    def __init__(self, *, again: int = 0, stop: object = None, owners: Sequence[int] = ()) -> None:
        self.messages: list[Message] = []
        self.crashes: list[Crash] = []
        self.shown = b""
        self.pulses: list[int] = []
        self._again = again
        self._stop = stop
        self._owners = owners

    def listening(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def hear(self, worker: int, message: Message) -> None:
        self.messages.append((worker, *message))

    def answer(self, worker: int, message: Message) -> Any:
        return (worker, message[1] * 2)

    def show(self, worker: int, data: bytes) -> None:
        assert worker >= 0
        self.shown += data

    def crashed(self, worker: int, crash: Crash) -> bool:
        assert worker >= 0
        self.crashes.append(crash)
        return len(self.crashes) <= self._again

    def left(self, worker: int) -> None:
        pass

    def keeps(self, worker: int) -> bool:
        return worker in self._owners

    def stopping(self) -> bool:
        return any(one[1:3] == ("done", self._stop) for one in self.messages)

    def pulse(self, doing: Sequence[Any]) -> None:
        self.pulses.append(len(doing))

    def told(self, kind: str) -> list[Any]:
        return [one[2:] for one in self.messages if one[1] == kind]

    def done(self) -> dict[int, Any]:
        return {task: result for task, result, *_ in self.told("done")}


def made(does: Does, ear: Ear, *, tasks: int = 20, **more: Any) -> tuple[Pool, Dispatcher]:
    order = more.pop("order", Order.LONGEST)
    chunks = tuple(
        Chunk((at, at + 1), 0.02, ORDINARY, each=(0.01, 0.01), number=at)
        for at in range(0, tasks, 2)
    )
    expected = (Expectation(0.01, more.pop("source", Source.RECORDED)),) * tasks
    plan = Plan(chunks, more.pop("workers", 2), order, expected, (), ())
    dispatcher = Dispatcher(plan, Room(2.0))
    return Pool(Work(does, **more), ear, dispatcher, plan), dispatcher


def run(does: Does, ear: Ear | None = None, **more: Any) -> Ear:
    heard = ear or Ear()
    pool, dispatcher = made(does, heard, **more)
    pool.run()
    assert dispatcher.over or heard.stopping()
    return heard


def once(task: int, path: str) -> bool:
    """Tell for the first time only that a task is at it, in whatever process."""
    try:
        os.close(os.open(f"{path}/{task}", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def test_a_question_binds_no_further_task_to_who_asks() -> None:
    reading, writing = os.pipe()

    def does(task: int, worker: Worker) -> int:
        if task != 1:
            return os.write(writing, b".")
        worker.ask("ask", 1)
        heard = 0
        while heard < 19 and select.select([reading], [], [], 20)[0]:  # of all the others
            heard += len(os.read(reading, 19))
        return heard

    assert run(does, order=Order.SERIAL, source=Source.GUESS).done()[1] == 19
    os.close(reading)
    os.close(writing)


def test_what_a_lost_worker_rang_says_nothing_of_the_next_one(tmp_path: Path) -> None:
    rang: set[int] = set()

    class Late(Ear):
        def crashed(self, worker: int, crash: Crash) -> bool:
            os.write(pool._bell, RING.pack(worker, 7777))
            return super().crashed(worker, crash)

        def pulse(self, _doing: Sequence[Any], /) -> None:
            rang.update(hand.rang for hand in pool._hands.values())

    def does(task: int, _: Worker) -> None:
        if task == 3 and once(task, str(tmp_path)):
            os.kill(os.getpid(), signal.SIGKILL)

    pool, _ = made(does, Late(again=1))
    pool.run()
    assert rang
    assert 7777 not in rang


@pytest.mark.parametrize("order", list(Order))
def test_every_task_is_run_once_and_every_worker_ends(order: Order) -> None:
    heard = run(lambda task, _: task * 2, order=order)
    assert sorted(heard.told("done")) == [(task, task * 2) for task in range(20)]
    assert sorted(heard.told("entered")) == sorted(heard.told("end"))
    assert len(heard.told("end")) == 2
    assert set(heard.pulses) == {2}


def test_no_process_is_left() -> None:
    heard = run(lambda task, _: task)
    for (process,) in heard.told("end"):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_what_waits_is_shared_from_the_start() -> None:
    heard = run(lambda _, worker: worker.ask("ask", 1)[0], tasks=4)
    assert set(heard.done().values()) == {0, 1}


def test_a_long_task_does_not_keep_what_was_handed_out_behind_it() -> None:
    def does(task: int, worker: Worker) -> int:
        while task == 0 and worker.ask("ask", 1) and worker._slots.look(1).since == 0.0:
            time.sleep(0.001)
        return worker.number

    heard = run(does)
    assert len(heard.done()) == 20


def test_a_question_is_answered() -> None:
    heard = run(lambda task, worker: worker.ask("ask", task))
    assert all(result[1] == task * 2 for task, result in heard.done().items())


def test_large_messages_arrive_whole() -> None:
    heard = run(lambda task, _: b"x" * 300_000 + bytes([task]))
    assert all(len(result) == 300_001 for result in heard.done().values())


def test_what_is_printed_outside_capture_is_shown() -> None:
    heard = run(lambda task, worker: worker.write(f"<{task}>".encode()))
    assert all(f"<{task}>".encode() in heard.shown for task in range(20))


@pytest.mark.parametrize(
    ("end", "how"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "was ended by SIGKILL"),
        (lambda: os._exit(7), "exited with status 7"),
    ],
)
def test_a_lost_worker_costs_the_task_that_it_ran(end: Callable[[], None], how: str) -> None:
    def does(task: int, _: Worker) -> int:
        if task == 6:
            end()
        return task

    heard = run(does)
    assert [(crash.task, crash.how) for crash in heard.crashes] == [(6, how)]
    assert sorted(heard.done()) == [task for task in range(20) if task != 6]


def test_a_crash_shows_what_it_ran() -> None:
    def does(task: int, _: Worker) -> None:
        if task == 6:
            os.kill(os.getpid(), signal.SIGSEGV)

    [crash] = run(does).crashes
    assert "Segmentation fault" in crash.stack
    assert Crash(None, 99, 0, "").how == "was ended by signal 99"


def test_a_lost_task_is_run_again_when_asked(tmp_path: object) -> None:
    heard = run(
        lambda task, _: os._exit(1) if task == 6 and once(task, str(tmp_path)) else task,
        Ear(again=1),
    )
    assert sorted(heard.done()) == list(range(20))


def test_workers_that_end_before_any_task_end_the_run() -> None:
    class Dead(Work):
        def enter(self, worker: Worker) -> None:
            os._exit(worker.number + 1)

    ear = Ear()
    pool, _ = made(lambda task, _: task, ear)
    pool._work = Dead(lambda task, _: task)
    with pytest.raises(PoolError):
        pool.run()


def test_a_task_that_forks_and_returns_runs_once() -> None:
    heard = run(lambda task, _: task != 6 or os.fork() >= 0)
    assert sorted(task for task, _ in heard.told("done")) == list(range(20))


def test_code_that_raises_is_told_and_ends_its_worker() -> None:
    def does(task: int, _: Worker) -> int:
        return task // (task - 6)

    heard = run(does)
    assert any("ZeroDivisionError" in text for (text,) in heard.told("internal"))


def test_a_run_that_is_to_stop_interrupts_what_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pools, "_GRACE", 0.0)
    begun, ear = tmp_path / "begun", Ear()
    monkeypatch.setattr(ear, "stopping", begun.exists)

    def does(task: int, _: Worker) -> int:
        if task == 1:
            begun.touch()
            signal.pause()
        return task

    heard = run(does, ear, order=Order.SERIAL)
    assert heard.told("interrupted")
    assert 1 not in heard.done()


def test_a_worker_can_end_the_run_for_itself() -> None:
    heard = run(lambda task, _: "last" if task == 3 else task, Ear(stop=3))
    assert heard.done()[3] == "last"


def test_an_interrupt_of_the_controller_lets_workers_leave() -> None:
    class Interrupted(Ear):
        def pulse(self, doing: Sequence[Any]) -> None:
            if doing and self.told("done"):
                raise KeyboardInterrupt

    ear = Interrupted()
    pool, _ = made(lambda task, _: signal.pause() if task == 5 else task, ear)
    with pytest.raises(KeyboardInterrupt):
        pool.run()
    assert len(ear.told("end")) == 2


def test_a_trial_runs_its_tasks_in_order_in_a_fresh_worker() -> None:
    pool, _ = made(lambda task, _: task, Ear())
    messages, crash = pool.trial([5, 1, 3], seconds=60.0)
    assert [one[1] for one in messages if one[0] == "done"] == [5, 1, 3]
    assert crash is None


def test_a_trial_says_how_it_ended() -> None:
    pool, _ = made(lambda task, _: os._exit(4) if task == 1 else task, Ear())
    _, crash = pool.trial([5, 1, 3], seconds=60.0)
    assert crash is not None
    assert (crash.task, crash.status) == (1, 4)


def test_a_trial_that_takes_too_long_is_ended() -> None:
    pool, _ = made(lambda *_: signal.pause(), Ear())
    _, crash = pool.trial([0], seconds=0.0)
    assert crash is not None
    assert crash.signal == signal.SIGKILL
