from __future__ import annotations

import os
import signal

import pytest

from paceline.engine.forked.hand import Hand
from paceline.engine.forked.messages import Mailbox, post, receive
from paceline.engine.forked.queue import END, WAIT, ControllerGoneError, Queue
from paceline.engine.forked.slots import NOTHING, Slots


def test_a_queue_gives_each_number_to_one_reader_in_order() -> None:
    queue = Queue()
    queue.put([3, 1, END, WAIT])
    assert (queue.take(), queue.take_back(), queue.take()) == (3, [1, END, WAIT], None)


def test_a_queue_takes_thousands_of_numbers() -> None:
    queue = Queue()
    queue.put(range(3000))
    assert queue.take_back() == list(range(3000))


def test_a_queue_can_be_waited_for() -> None:
    queue = Queue()
    assert not queue.wait(0.0)
    queue.put([1])
    assert queue.wait()


def test_a_reader_learns_that_its_controller_is_gone() -> None:
    queue = Queue()
    queue.put([7])
    queue.only_read()
    assert queue.take() == 7
    with pytest.raises(ControllerGoneError):
        queue.take()
    queue.close()
    queue.close()


def test_messages_arrive_whole_and_in_order() -> None:
    reading, writing = os.pipe()
    box = Mailbox(reading)
    sent = [("done", 1, [{"a": (None, 1.5, b"x")}]), ("end",)]
    sizes = [post(writing, one) for one in sent]
    assert (box.read(), box.read(), box.closed) == (sent, [], False)
    assert min(sizes) > 4


def test_a_message_cut_short_is_left_behind() -> None:
    reading, writing = os.pipe()
    box = Mailbox(reading)
    post(writing, ("whole",))
    os.write(writing, (100).to_bytes(4, "little") + b"cut")
    os.close(writing)
    assert (box.read(), box.closed, box.read()) == ([("whole",)], True, [])


def test_an_object_is_no_message() -> None:
    with pytest.raises(ValueError, match="unmarshallable"):
        post(1, (object(),))


@pytest.mark.parametrize("rest", [b"", b"\x05\x00\x00\x00abc"])
def test_nothing_is_received_from_a_sender_that_is_gone(rest: bytes) -> None:
    reading, writing = os.pipe()
    post(writing, ("answer", 1))
    os.write(writing, rest)
    os.close(writing)
    assert (receive(reading), receive(reading)) == (("answer", 1), None)


def test_slots_say_what_each_worker_does() -> None:
    slots = Slots(3)
    assert slots.look(2) == (NOTHING, 0.0)
    slots.write(1, 5, 2.5)
    assert [slots.look(worker).task for worker in range(3)] == [NOTHING, 5, NOTHING]
    assert slots.look(1).since == 2.5


def test_slots_are_shared_with_a_fork() -> None:
    slots = Slots(1)
    child = os.fork()
    if not child:
        slots.write(0, 9, 1.0)
        os._exit(0)
    os.waitpid(child, 0)
    assert slots.look(0) == (9, 1.0)


def test_no_task_is_seen_with_a_moment_before_it_began() -> None:
    slots = Slots(1)
    child = os.fork()
    while not child:  # until it is killed
        slots.write(0, 9, 61_234.567)
        slots.write(0, NOTHING, 0.0)
    try:
        seen = {slots.look(0) for _ in range(40_000)}
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert {since for task, since in seen if task != NOTHING} <= {61_234.567}


def test_a_ring_that_comes_after_what_it_asked_for_asks_for_nothing() -> None:
    hand = Hand(0, bell=-1)
    seen = []
    for step in (lambda: None, lambda: hand.give([4], 1.0), hand.take_back):
        step()
        hand.rang = 0  # its worker had taken no task yet
        seen.append(hand.hungry)
    hand.forked(process=0)
    hand.close()
    assert seen == [True, False, True]
