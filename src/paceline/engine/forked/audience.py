"""Audience: who hears in the controller what the workers of a pool do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from paceline.engine.forked.hand import Crash
    from paceline.engine.forked.messages import Message
    from paceline.engine.forked.slots import Doing

__all__ = ["Audience"]


class Audience(Protocol):
    """Who hears what the workers do, in the controller.

    ``debugging`` is the one worker that is heard while a debugger is open in it, else None.
    """

    debugging: int | None

    def listening(self) -> AbstractContextManager[None]:
        """Give what surrounds the hearing of a batch of messages."""

    def hear(self, worker: int, message: Message) -> None:
        """Take a message that is not the pool's own."""

    def answer(self, worker: int, message: Message) -> Any:
        """Answer a question of a worker, which waits for it."""

    def show(self, worker: int, data: bytes) -> None:
        """Show what a worker wrote outside capture."""

    def crashed(self, worker: int, crash: Crash) -> bool:
        """Take a worker's end; True where its task is to be run again."""

    def left(self, worker: int) -> None:
        """Hear that a trial has ended."""

    def keeps(self, worker: int) -> bool:
        """Tell whether a worker owns what tests may need that run elsewhere now."""

    def stopping(self) -> bool:
        """Tell whether the run is to stop before its end."""

    def pulse(self, doing: Sequence[Doing]) -> None:
        """Hear a few times a second what each worker does."""
