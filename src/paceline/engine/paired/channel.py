"""Channel: messages between the controller and a worker, a line of JSON each, over two pipes."""

from __future__ import annotations

import json
import os
from typing import Any

__all__ = ["Channel", "Message"]

Message = dict[str, Any]


class Channel:
    """One end; whoever reads waits, and None says that the other end has gone."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        for descriptor in (incoming, outgoing):
            os.set_inheritable(descriptor, False)
        self._in = os.fdopen(incoming, "rb")
        self._out = os.fdopen(outgoing, "wb", buffering=0)

    def send(self, message: Message) -> bool:
        """Send a message of builtins; False when nobody is there any more."""
        try:
            self._out.write(json.dumps(message).encode() + b"\n")
        except BrokenPipeError:
            return False
        return True

    def receive(self) -> Message | None:
        """Wait for the next message; None when the other end has gone, even in the middle of it."""
        line = self._in.readline()
        if not line.endswith(b"\n"):
            return None
        message: Message = json.loads(line)
        return message

    def close(self) -> None:
        """Close both pipes, so that the other end notices; again does nothing."""
        self._in.close()
        self._out.close()
