from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from paceline.engine.paired.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    to_there, from_here = os.pipe()
    to_here, from_there = os.pipe()
    pair = Channel(to_here, from_here), Channel(to_there, from_there)
    yield pair
    for end in pair:
        end.close()


def test_a_message_arrives_as_it_was_sent(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    assert here.send({"do": "step", "seconds": [1e-9, 0.1], "name": "é\n"})
    assert there.receive() == {"do": "step", "seconds": [1e-9, 0.1], "name": "é\n"}


def test_an_end_that_has_gone_is_noticed_on_both_ways(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    there.close()
    assert here.receive() is None
    assert not here.send({"do": "leave"})


def test_half_a_message_is_no_message() -> None:
    incoming, other = os.pipe()
    channel = Channel(incoming, os.dup(other))
    os.write(other, b'{"do": "st')
    os.close(other)
    channel._out.close()
    assert channel.receive() is None
    channel._in.close()
