"""Hearing: the controller's ear: what workers send becomes pytest's own hooks here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from paceline.plugin.exclusive import Arbiter
from paceline.plugin.node import Node, gatherers_of, identity, listeners_of, worker_input
from paceline.plugin.planning import users_of
from paceline.plugin.wire import decode_report, decode_warning, keywords_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from paceline.engine.forked.hand import Crash
    from paceline.engine.forked.messages import Message
    from paceline.engine.forked.slots import Doing
    from paceline.plugin.oversight import Oversight
    from paceline.plugin.progress import Progress
    from paceline.suite.dispatch import Dispatcher

__all__ = ["Hearing", "Held"]


class Held:
    """A failure that is not reported yet: it is tried again first.

    ``before`` are the numbers of the tests that the same worker had run, in their order.
    """

    def __init__(self, task: int, worker: int, reports: list[Any], before: tuple[int, ...]) -> None:
        self.task = task
        self.worker = worker
        self.reports = reports
        self.before = before


class Hearing:
    """Turns messages into hooks; keeps what the run has to decide about."""

    def __init__(  # noqa: PLR0913  (each is one thing that workers' messages touch)
        self,
        session: pytest.Session,
        dispatcher: Dispatcher,
        progress: Progress,
        *,
        workers: int,
        run: str,
        expected: Sequence[float],
        holds: Callable[[int], bool],
        retries: int = 0,
        last_output: Callable[[int], str] = lambda _: "",
    ) -> None:
        self._session = session
        self._config = session.config
        self._dispatcher = dispatcher
        self._progress = progress
        self._expected = expected
        self._holds = holds
        self._retries = retries
        self._last_output = last_output
        self._run = run
        self._workers = workers
        self._arbiter = Arbiter()
        self._told: set[str] = set()
        self._ran: dict[int, list[int]] = {}
        self._crashes: dict[int, int] = {}
        self.debugging: int | None = None  # the worker that has the terminal to itself
        self.oversight: Oversight  # given once there is a pool
        self.nodes = self._made_nodes()
        self.took: dict[int, float] = {}  # seconds of the tests that have ended
        self.last: dict[int, float] = {}  # when each worker's last test ended, monotonic seconds
        self.held: list[Held] = []  # failures that may be the order's
        self.at_once: Callable[[], None] | None = None  # decides about them before the run goes on
        self.exclusive: dict[str, str] = {}
        self.exit: tuple[str, int | None] | None = None
        self.internal = ""
        self.interrupted = False

    def _made_nodes(self) -> dict[int, Node]:
        """Make what plugins know the workers by, the last one for trials, and tell them of it."""
        nodes = {}
        for number in range(self._workers + 1):
            given = worker_input(number, workers=self._workers, run=self._run)
            nodes[number] = Node(self._config, number, given)
            if number < self._workers:
                self._tell_nodes("pytest_configure_node", node=nodes[number])
        return nodes

    def listening(self) -> AbstractContextManager[None]:
        """Hear a batch of messages as one."""
        return self._progress.at_once()

    def hear(self, worker: int, message: Message) -> None:
        """Take one message."""
        kind, *rest = message
        if kind == "done":
            self._done(worker, *rest)
        elif kind == "warning":
            self._warn(*rest)
        elif kind == "back":
            self._pin(worker, *rest)
        elif kind == "stop":
            self._session.shouldstop = rest[0]
        elif kind == "exit":
            self.exit = (rest[0], rest[1])
        elif kind == "interrupted":
            self.interrupted = True
        elif kind == "internal":
            self.internal = self.internal or f"worker {identity(worker)}: {rest[0]}"
        elif kind == "terminal":
            self.debugging = None
        elif kind == "end":
            self._end(worker, *rest)

    def answer(self, worker: int, message: Message) -> bool:
        """Say whether a worker may take something that only one can own."""
        _, resource, fixture = message
        if resource == "terminal":
            self._progress.give_way()
            self.debugging = worker if self.debugging is None else self.debugging
            return self.debugging == worker
        owner = self._arbiter.claim(resource, worker)
        if owner != worker and worker < self._workers:  # a trial is not told to go elsewhere
            self.oversight.refused[worker] = time.monotonic()
            name = fixture or resource
            self.exclusive[name] = resource
            users = users_of(self._session.items, fixture) if fixture else []
            self._dispatcher.pin(users, owner, resource)
        return owner == worker

    def show(self, worker: int, data: bytes) -> None:
        """Show what a worker wrote outside capture, each line with its name."""
        self._progress.show(identity(worker), data)

    def crashed(self, worker: int, crash: Crash) -> bool:
        """Report a lost worker as the failure of the test that it ran, unless it is retried."""
        self._arbiter.left(worker)
        self.debugging = None if self.debugging == worker else self.debugging
        node = self.nodes[worker]
        self._tell_nodes("pytest_testnodedown", node=node, error=crash.how)
        ran = self._ran.pop(worker, [])
        why = self.oversight.why(worker, crash.signal)
        if self.oversight.refused.pop(worker, None) is not None:
            return True  # it could not have what its test needs, and another worker runs it
        if crash.task is None:
            self._progress.note(f"worker {identity(worker)} {crash.how} between two tests")
            if ran:  # what it had set up was not torn down: not a run that passed
                last = self._session.items[ran[-1]]
                self._log(ran[-1], worker, [self._crash_report(last, worker, crash, why)])
            return False
        count = self._crashes[crash.task] = self._crashes.get(crash.task, 0) + 1
        item = self._session.items[crash.task]
        again = count <= self._retries
        if again:
            self._progress.note(f"{item.nodeid}: the worker {crash.how}; it is run again")
        else:
            self._log(crash.task, worker, [self._crash_report(item, worker, crash, why)])
            self._progress.done(crash.task)
        return again

    def left(self, worker: int) -> None:
        """Free what a trial owned, which has ended."""
        self._arbiter.left(worker)

    def keeps(self, worker: int) -> bool:
        """Tell whether a worker owns what tests may need that run elsewhere now."""
        return self._arbiter.owns(worker)

    def stopping(self) -> bool:
        """Tell whether the run is to stop before its end."""
        return bool(
            self._session.shouldfail
            or self._session.shouldstop
            or self.exit
            or self.internal
            or self.interrupted
        )

    def pulse(self, doing: Sequence[Doing]) -> None:
        """Let what is shown keep up with what is done, and look for what goes wrong."""
        self._progress.pulse(doing)
        self.oversight.look(doing)

    def report(self, task: int, worker: int, encoded: Sequence[Any]) -> None:
        """Give a test's reports to pytest's hooks, as if it had run here."""
        item = self._session.items[task]
        keywords = keywords_of(item)
        self._log(task, worker, [decode_report(item, one, keywords) for one in encoded])

    def seconds(self, task: int) -> float:
        """Give what a test took, or is expected to take."""
        return self.took.get(task, self._expected[task])

    @staticmethod
    def fails(encoded: Sequence[Any], *, when: str = "") -> bool:
        """Tell whether some report says that the test failed, in this phase or in any."""
        said = (
            (one[1].get("when"), one[1].get("outcome")) if one[0] == "whole" else one[:2]
            for one in encoded
        )
        return any(outcome == "failed" and when in {"", phase} for phase, outcome in said)

    def before(self, worker: int) -> tuple[int, ...]:
        """Number the tests that a worker has run, in their order."""
        return tuple(self._ran.get(worker, ()))

    def _done(self, worker: int, task: int, encoded: list[Any]) -> None:
        self._progress.done(task)
        if self.fails(encoded) and self._holds(task):
            self.held.append(Held(task, worker, encoded, self.before(worker)))
            if self.at_once is not None:
                self.at_once()
        else:
            self.report(task, worker, encoded)
        self._ran.setdefault(worker, []).append(task)
        self.took[task] = sum(_seconds(one) for one in encoded)
        self.last[worker] = time.monotonic()

    def _log(self, task: int, worker: int, reports: Sequence[Any]) -> None:
        item, hook = self._session.items[task], self._config.hook
        location = reports[0].location if reports else item.location
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=location)
        for report in reports:
            report.node = self.nodes[worker]
            report.worker_id = identity(worker)
            report.testrun_uid = self._run
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=location)

    def _end(self, worker: int, output: dict[str, Any], task: int, late: Sequence[Any]) -> None:
        """Take leave of a worker; what its last test had still to report comes now."""
        self._arbiter.left(worker)
        if late:
            self.report(task, worker, late)
        node, gatherers = self.nodes[worker], gatherers_of(self._config)
        # Who had no say in the worker would look in vain for what it said there.
        self._tell_nodes("pytest_testnodedown", but=gatherers, node=node, error=None)
        node.workeroutput = output
        others = listeners_of(self._config, "pytest_testnodedown")
        but = [one for one in others if one not in gatherers]
        self._tell_nodes("pytest_testnodedown", but=but, node=node, error=None)

    def _tell_nodes(self, name: str, *, but: Sequence[object] = (), **keywords: Any) -> None:
        """Call a hook of pytest-xdist's where some plugin has it; coverage goes its own way."""
        found = listeners_of(self._config, name)
        if not found:
            return
        others = [
            plugin
            for plugin in found
            if plugin in but or str(getattr(plugin, "__module__", "")).startswith("pytest_cov")
        ]
        self._config.pluginmanager.subset_hook_caller(name, others)(**keywords)

    def _warn(self, facts: Any, when: str, nodeid: str, location: Any) -> None:
        self._config.hook.pytest_warning_recorded.call_historic(
            kwargs={
                "warning_message": decode_warning(facts),
                "when": when,
                "nodeid": nodeid,
                "location": tuple(location) if location else None,
            }
        )

    def _pin(self, worker: int, task: int, resource: str, fixture: str) -> None:
        """Let a test that was given back run where its resource is owned."""
        self.oversight.refused.pop(worker, None)
        owner = self._arbiter.claim(resource, worker)
        users = users_of(self._session.items, fixture) if fixture else [task]
        self._dispatcher.pin([*users, task], owner, resource)
        name = fixture or self._session.items[task].nodeid
        if resource not in self._told:
            self._told.add(resource)
            self._progress.note(f"{name} owns {resource}: its tests run on {identity(owner)}")

    def _crash_report(
        self, item: pytest.Item, worker: int, crash: Crash, why: str
    ) -> pytest.TestReport:
        because = f": {why}" if why else ""
        ran = "after it had run" if crash.task is None else "while it ran"
        said = [f"worker {identity(worker)} {crash.how} {ran} {item.nodeid}{because}"]
        if crash.stack.strip():
            said += ["", crash.stack.strip()]
        output = self._last_output(worker)
        sections = [("Captured output of the lost worker", output)] if output else []
        keywords, when = keywords_of(item), "???"  # as pytest-xdist names a phase that is not known
        return pytest.TestReport(
            getattr(item, "id", item.nodeid),
            item.location,
            keywords,
            "failed",
            "\n".join(said),
            when,  # type: ignore[arg-type]
            sections,
        )


def _seconds(encoded: Any) -> float:
    seconds: float = encoded[1].get("duration", 0.0) if encoded[0] == "whole" else encoded[2]
    return seconds
