from __future__ import annotations

import threading

import pytest

from paceline.probes.looks import Looks

PATIENCE = 10


def test_what_is_added_is_called_until_it_is_removed() -> None:
    looks, called = Looks(pause=0.001), threading.Event()
    looks.add(called.set)
    assert called.wait(PATIENCE)
    looks.remove(called.set)
    called.clear()
    assert not looks.running
    assert not called.is_set()


def test_no_thread_of_ours_is_among_the_tests_own() -> None:
    looks, called = Looks(pause=0.001), threading.Event()
    before = threading.enumerate()
    looks.add(called.set)
    assert called.wait(PATIENCE)
    assert threading.enumerate() == before
    looks.remove(called.set)


@pytest.mark.parametrize("error", [OSError, RuntimeError, ValueError])
def test_a_look_that_fails_ends_alone(error: type[Exception]) -> None:
    looks, called = Looks(), []

    def failing() -> None:
        raise error

    looks._calls = [failing, lambda: called.append(1)]
    looks.look()
    looks.look()
    assert called == [1, 1]
    assert len(looks._calls) == 1


def test_interrupted_looks_can_be_resumed() -> None:
    looks, called = Looks(pause=0.001), threading.Event()
    looks.add(called.set)
    looks.interrupt()
    called.clear()
    looks.resume()
    assert called.wait(PATIENCE)
    looks.remove(called.set)


def test_abandoned_looks_have_no_thread() -> None:
    looks = Looks()
    looks._calls = [threading.Event().set]
    looks.abandon()
    looks.resume()
    assert not looks.running


def test_a_call_may_remove_itself() -> None:
    looks, called = Looks(pause=0.001), threading.Event()

    def once() -> None:
        looks.remove(once)
        called.set()

    looks.add(once)
    assert called.wait(PATIENCE)
    assert looks._calls == []
