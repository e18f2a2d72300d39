"""Worker: a pytest session in its side's folder, held by the controller on the end of a channel."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.engine.paired.channel import Channel
from paceline.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from paceline.engine.paired.channel import Message

__all__ = ["Start", "Worker", "WorkerError"]

_PEERS = ("benchmark", "codspeed")  # plugins that would keep the fixture's name for themselves
_TAIL = 20  # lines of a worker's output that say why it ended
_PATIENCE = 5.0  # seconds to end by itself before it is killed


class WorkerError(MeasureError):
    """A worker of one ``side`` ended while it was needed."""

    def __init__(self, problem: str, *, side: str) -> None:
        super().__init__(problem)
        self.side = side


@dataclass(frozen=True, slots=True)
class Start:
    """How to start a side's workers; ``environment`` is whole, ``prefix`` runs the interpreter."""

    name: str
    root: Path
    python: Path
    environment: Mapping[str, str]
    arguments: Sequence[str]
    prefix: Sequence[str] = ()

    def narrowed(self, files: Sequence[str]) -> Start:
        """Collect these files in place of the paths that were given; options stay."""
        options = [
            word
            for word in self.arguments
            if word.startswith("-") or not (self.root / word.partition("::")[0]).exists()
        ]
        return dataclasses.replace(self, arguments=(*options, *files))

    def command(self, descriptors: tuple[int, int]) -> list[str]:
        """Give the command line that joins a worker to these two pipes."""
        side = ",".join(map(str, descriptors))
        peers = [word for name in _PEERS for word in ("-p", f"no:{name}")]
        own = ["-p", "no:cacheprovider", *peers, f"--paceline-side={side}", "-q"]
        return [*self.prefix, str(self.python), "-m", "pytest", *own, *self.arguments]


class Worker:
    """One running process."""

    def __init__(self, start: Start, *, seed: int, log: Path) -> None:
        self.name = start.name
        self._log = log
        here_in, there_out = os.pipe()
        there_in, here_out = os.pipe()
        there = (there_in, there_out)
        environment = {**start.environment, "PYTHONHASHSEED": str(seed)}
        with log.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603  (pytest in the side's own interpreter)
                start.command(there),
                cwd=start.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=there,
                start_new_session=True,  # Ctrl-C is the controller's to handle
            )
        for descriptor in there:
            os.close(descriptor)
        self._channel = Channel(here_in, here_out)

    def hang_up(self) -> None:
        """Close the channel, upon which the session ends by itself."""
        self._channel.close()

    def end(self) -> None:
        """Wait until it has ended, by force where it takes too long."""
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ask(self, message: Message) -> Message:
        """Send a message and wait for its answer.

        Raises:
            WorkerError: the process ended instead.
        """
        self.tell(message)
        return self.hear()

    def tell(self, message: Message) -> None:
        """Send a message that has no answer of its own."""
        self._channel.send(message)

    def hear(self) -> Message:
        """Wait for the next message.

        Raises:
            WorkerError: the process ended instead; the error holds the end of what it printed.
        """
        message = self._channel.receive()
        if message is None:
            raise WorkerError(self._last_words(), side=self.name)
        return message

    def _last_words(self) -> str:
        try:
            status = self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            status = None
        said = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL:]
        printed = "\n".join(["; it printed last:", *said]) if said else ""
        return f"the {self.name} worker ended with status {status}{printed}"
