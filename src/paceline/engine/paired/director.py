"""Director: in a worker, let the controller decide which rounds a benchmark takes."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from paceline.probes.benchmark import observers
from paceline.probes.processor import preemptions
from paceline.probes.sampling import Phase, Sampled, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.engine.paired.channel import Channel, Message
    from paceline.model import CaseId
    from paceline.probes.interleaving import Interleaved

__all__ = ["RemoteDirector"]

_LEAVE: Message = {"do": "leave"}


class RemoteDirector:
    """Says what is ready to be measured and takes the rounds that come through the channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def direct(self, cases: Sequence[CaseId], *, single: bool) -> Interleaved:
        """Serve steps until told to leave; each case gives what was taken of it, per call."""
        watching = list(observers())
        self._channel.send(
            {"say": "ready", "cases": list(cases), "single": single, "observers": watching}
        )
        taken: list[list[tuple[float, int]]] = [[] for _ in cases]
        while (order := self._channel.receive() or _LEAVE)["do"] != "leave":
            subject, step = (
                order["case"],
                Step(Phase(order["phase"]), order["count"], order["rounds"]),
            )
            before = preemptions()
            durations = yield subject, step
            lost = preemptions() - before
            if step.phase is not Phase.EMPTY:
                taken[subject] += [(seconds, step.count) for seconds in durations]
            self._channel.send({"say": "took", "seconds": durations, "preempted": lost})
        for subject, rounds in enumerate(taken):
            if not rounds:  # whoever asked has gone: the test still needs the code's own value
                (seconds,) = yield subject, Step(Phase.FIRST, 1, 1)
                rounds.append((seconds, 1))
        return _sampled(taken)


def _sampled(taken: Sequence[Sequence[tuple[float, int]]]) -> tuple[Sampled, ...]:
    """Give rounds of one length, as many of each case, for the test to read off."""
    lengths = [statistics.mode(count for _, count in rounds) for rounds in taken]
    values = [
        [seconds / count for seconds, count in rounds if count == length]
        for rounds, length in zip(taken, lengths, strict=True)
    ]
    fewest = min(map(len, values))
    return tuple(
        Sampled(
            values=tuple(known[-fewest:]),
            iterations=length,
            warmup=len(rounds) - fewest,
            first_call=rounds[0][0] / rounds[0][1],
            warming=0.0,
            overhead=0.0,
            warm="side by side",
            stopped="the other side's needs",
        )
        for rounds, length, known in zip(taken, lengths, values, strict=True)
    )
