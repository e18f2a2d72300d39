"""Director: in a worker, let the controller decide which rounds a benchmark takes."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paceline.errors import MeasureError
from paceline.probes.benchmark import observers
from paceline.probes.callgrind import Callgrind
from paceline.probes.counter import counted, find_counter
from paceline.probes.explanation import explained
from paceline.probes.processor import preemptions
from paceline.probes.sampling import Phase, Sampled, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from paceline.engine.paired.channel import Channel, Message
    from paceline.model import CaseId
    from paceline.probes.benchmark import Tally
    from paceline.probes.counter import Counter
    from paceline.probes.explanation import Explanation
    from paceline.probes.interleaving import Interleaved

__all__ = ["RemoteDirector"]

_LEAVE: Message = {"do": "leave"}


class RemoteDirector:
    """Says what is ready to be measured and takes the rounds that come through the channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._counter: Counter | None = None
        self._explanation: Explanation | None = None
        self._explains = False
        self.tally: Tally | None = None

    def prepare(self, out: str, *, explains: bool) -> Message:
        """Look for a counter, and say which it is; ``out`` is where callgrind was told to write."""
        found = find_counter(out=Path(out))
        self._counter = found.counter
        if found.counter is not None:
            self._explains, self.tally = explains, self._tallied
        name = found.counter.name if found.counter else ""
        blind_to = found.counter.blind_to if found.counter else ""
        missing = list(found.missing)
        return {"say": "counter", "name": name, "blind_to": blind_to, "missing": missing}

    def _tallied(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        count: int,
    ) -> float:
        """Count the calls, or tell their functions apart, which gives no count of its own."""
        counter = self._counter
        if counter is None:
            raise MeasureError("there is no counter here")
        if not self._explains:
            return counted(function, counter, count=count, args=args, kwargs=kwargs)
        if not isinstance(counter, Callgrind):
            raise MeasureError("only callgrind tells functions apart")
        self._explanation = explained(function, counter, count=count, args=args, kwargs=kwargs)
        return 0.0

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
            if step.phase not in {Phase.EMPTY, Phase.COUNT}:
                taken[subject] += [(seconds, step.count) for seconds in durations]
            took: Message = {"say": "took", "seconds": durations, "preempted": lost}
            if self._explanation is not None:
                took |= {"text": self._explanation.text, "names": self._explanation.names}
                self._explanation = None
            self._channel.send(took)
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
