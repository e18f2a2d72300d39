"""Crews: pairs of workers, one ahead; the next pair starts elsewhere while this one is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.engine.paired.worker import Worker
from paceline.probes.processor import allowed, confined, let_loose

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Self

    from paceline.engine.paired.worker import Start

__all__ = ["Crew", "Crews"]

Crew = tuple[Worker, Worker]


class Crews:
    """Starts and ends pairs of workers, base first; leaving the ``with`` ends all of them."""

    def __init__(self, starts: tuple[Start, Start], *, random: random.Random, folder: Path) -> None:
        self._starts, self._random, self._folder = starts, random, folder
        self._ahead: Crew | None = None
        self._all: list[Worker] = []
        self._count = 0

    def __enter__(self) -> Self:
        """Start with nobody."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up on everybody first, then wait for them."""
        for worker in self._all:
            worker.hang_up()
        for worker in self._all:
            worker.end()

    def take(self) -> Crew:
        """Give the pair that was started ahead, or start one."""
        crew, self._ahead = self._ahead or self._start(), None
        for worker in crew:  # nothing is measured now, so that it may use what is there
            let_loose(worker.process.pid, allowed())
        return crew

    def narrow(self, files: Sequence[str]) -> None:
        """Let the pairs from now on collect these files only, where both sides have them all."""
        if all((start.root / file).is_file() for start in self._starts for file in files):
            base, head = (start.narrowed(files) for start in self._starts)
            self._starts = (base, head)

    def start_ahead(self, *, beside: int) -> None:
        """Start the next pair on other processors than the one that measures, if there are any."""
        others = [processor for processor in allowed() if processor != beside]
        if others and self._ahead is None:
            with confined(others):
                self._ahead = self._start()

    def release(self, crew: Crew) -> None:
        """Let a pair end by itself, wherever there is room; those that have ended are forgotten."""
        self._all = [worker for worker in self._all if worker.process.poll() is None]
        for worker in crew:
            let_loose(worker.process.pid, allowed())
            worker.hang_up()

    def _start(self) -> Crew:
        """Start both sides in random order, with one fresh hash seed."""
        self._count += 1
        seed = self._random.getrandbits(32)
        order = [0, 1]
        self._random.shuffle(order)
        started: dict[int, Worker] = {}
        for index in order:
            start = self._starts[index]
            log = self._folder / f"{start.name}-{self._count}.log"
            started[index] = Worker(start, seed=seed, log=log)
            self._all.append(started[index])
        return started[0], started[1]
