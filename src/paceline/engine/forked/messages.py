"""Messages: plain builtins from a worker to the controller, each whole or not at all."""

from __future__ import annotations

import marshal
import os
from typing import Any, TypeAlias

__all__ = ["Mailbox", "Message", "post", "receive"]

Message: TypeAlias = tuple[Any, ...]
"""The kind as text, then what belongs to it."""

_LENGTH = 4
_AT_ONCE = 1 << 20


def post(descriptor: int, message: Message) -> int:
    """Write one message and give its size in bytes.

    Raises:
        ValueError: the message holds something that is no builtin.
    """
    body = marshal.dumps(message)
    data = len(body).to_bytes(_LENGTH, "little") + body
    written = os.write(descriptor, data)
    while written < len(data):
        written += os.write(descriptor, memoryview(data)[written:])
    return len(data)


def receive(descriptor: int) -> Message | None:
    """Wait for one message; None where its sender is gone."""
    length = _exactly(descriptor, _LENGTH)
    body = _exactly(descriptor, int.from_bytes(length, "little")) if length else b""
    return marshal.loads(body) if body else None  # noqa: S302  (from the process that forked this)


def _exactly(descriptor: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = os.read(descriptor, size - len(data))
        if not more:
            return b""
        data += more
    return data


class Mailbox:
    """The reading end; what a killed worker had begun to write is left behind."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.closed = False
        self._data = bytearray()
        os.set_blocking(descriptor, False)

    def read(self) -> list[Message]:
        """Give the messages that have come whole; `closed` tells that no more will."""
        while not self.closed:
            try:
                data = os.read(self.descriptor, _AT_ONCE)
            except BlockingIOError:
                break
            self.closed = not data
            self._data += data
        return self._whole()

    def _whole(self) -> list[Message]:
        found: list[Message] = []
        start, view = 0, memoryview(self._data)
        while len(view) - start >= _LENGTH:
            end = start + _LENGTH + int.from_bytes(view[start : start + _LENGTH], "little")
            if end > len(view):
                break
            # The bytes come from a process that this one forked.
            found.append(marshal.loads(view[start + _LENGTH : end]))  # noqa: S302
            start = end
        view.release()
        del self._data[:start]
        return found
