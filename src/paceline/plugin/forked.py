"""Forked: a worker's side: it runs whole protocols and sends their reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from paceline.engine.forked.queue import WAIT
from paceline.plugin.pytest_internals import tear_down_to
from paceline.plugin.session import measure_alone
from paceline.plugin.wire import encode_report, encode_warning, plain

if TYPE_CHECKING:
    import warnings
    from collections.abc import Callable, Container, Sequence

    from paceline.engine.forked.worker import Worker
    from paceline.plugin.exclusive import Watch
    from paceline.plugin.wire import Encoded

__all__ = ["ItemWork", "NextItem", "Sender"]

_TRIED = ("_pytest.", "paceline.", "pytest_rerunfailures")
"""Modules whose hooks hand the next item on, or ask for its collectors only."""


class NextItem:
    """Stands for the item that a worker runs next, which is asked for when it is needed.

    pytest needs it to keep the fixtures that both items share, when it tears the first one down:
    that is the latest moment, and until then no test is committed to this worker.
    """

    def __init__(self, upcoming: Callable[[], Any]) -> None:
        self._upcoming = upcoming

    def listchain(self) -> list[Any]:
        """Give the collectors that the next item needs."""
        chain: list[Any] = self._upcoming().chain
        return chain

    def __getattr__(self, name: str) -> Any:
        item = self._upcoming().item
        if item is None:
            raise AttributeError(name)
        return getattr(item, name)


class _Upcoming:
    """What comes after an item: an item, nothing, or something not known yet."""

    def __init__(self, item: pytest.Item | None, chain: list[Any]) -> None:
        self.item = item
        self.chain = chain


class Sender:
    """Hooks of a worker: what its tests report goes to the controller, a test at a time."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.item: pytest.Item | None = None
        self.keywords = 0
        self.parts = False  # it has reported subtests
        self.reports: list[Encoded] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a report until the test has ended."""
        item = self.item
        if item is None:
            return
        if type(report) is not pytest.TestReport:
            self.parts = True
        elif self.parts and report.when == "call":  # pytest fails a test by its failed parts here
            item.config.hook.pytest_report_teststatus(report=report, config=item.config)
        self.reports.append(encode_report(item, report, self.keywords))

    def pytest_warning_recorded(
        self,
        warning_message: warnings.WarningMessage,
        when: str,
        nodeid: str,
        location: tuple[str, int, str] | None,
    ) -> None:
        """Send a warning; those from before the fork are repeated to whoever begins to listen."""
        if self.item is None:
            return
        self._worker.send("warning", encode_warning(warning_message), when, nodeid, location)


class ItemWork:
    """Runs a session's items in a worker, by their numbers."""

    def __init__(
        self,
        session: pytest.Session,
        enter: Callable[[Worker], tuple[Watch, Callable[[], dict[str, Any]]]],
        *,
        alone: Container[int],
    ) -> None:
        self._session = session
        self._items: Sequence[pytest.Item] = session.items
        self._enter = enter
        self._alone = alone
        self._keywords = [len(item.keywords) for item in session.items]
        self._eager = _reads_next(session.config)
        self._sender: Sender | None = None
        self._watch: Watch | None = None
        self._finish: Callable[[], dict[str, Any]] | None = None
        self._last: pytest.Item | None = None
        self._task = 0
        self._behind = False  # the last item's collectors have not been torn down
        self._told = False

    def enter(self, worker: Worker) -> None:
        """Make the process a worker of this session."""
        self._watch, self._finish = self._enter(worker)
        self._sender = Sender(worker)
        self._session.config.pluginmanager.register(self._sender, "paceline-sender")

    def run(self, task: int, worker: Worker) -> bool:
        """Run one item's whole protocol and send its reports; False where the run is to end."""
        assert self._sender is not None  # noqa: S101  (enter comes first)
        item = self._items[task]
        if self._behind and self._last is not None:
            tear_down_to(self._last, item)
        self._sender.item, self._sender.keywords = item, self._keywords[task]
        self._sender.parts = False
        self._last, self._task, self._behind = item, task, False
        if task in self._alone:
            measure_alone(self._session.config)
        try:
            following: Any = NextItem(lambda: self._upcoming(item, worker))
            if self._eager:
                following = self._upcoming(item, worker).item
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        except pytest.exit.Exception as error:
            worker.send("exit", str(error.msg), error.returncode)
            return False
        self._send(task, worker)
        stop = self._session.shouldstop
        if stop and not self._told:
            self._told = True
            worker.send("stop", str(stop))
        return True

    def leave(self, worker: Worker) -> None:
        """Tear down what still stands, finish, and say what this worker has to say."""
        assert self._finish is not None  # noqa: S101  (enter comes first)
        if self._last is not None:
            tear_down_to(self._last, None)
        late = self._sender.reports if self._sender else []
        worker.send("end", self._finish(), self._task, plain(late))

    def _send(self, task: int, worker: Worker) -> None:
        """Send what a test reported, or give it back where it could not have what it needs."""
        assert self._sender is not None  # noqa: S101  (enter comes first)
        assert self._watch is not None  # noqa: S101
        reports, self._sender.reports = self._sender.reports, []
        refused, self._watch.refused = self._watch.refused, None
        if refused is not None:
            worker.send("back", task, *refused)
            return
        try:
            worker.send("done", task, reports)
        except ValueError:
            worker.send("done", task, plain(reports))

    def _upcoming(self, item: pytest.Item, worker: Worker) -> _Upcoming:
        number = worker.upcoming()
        if number is None:
            return _Upcoming(None, [])
        if number == WAIT:
            self._behind = True
            parent = item.parent
            return _Upcoming(None, parent.listchain() if parent is not None else [])
        return _Upcoming(self._items[number], self._items[number].listchain())


def _reads_next(config: pytest.Config) -> bool:
    """Tell whether a hook that was not tried may look at the next item, which must be real then."""
    hook = config.hook
    found = (hook.pytest_runtest_protocol, hook.pytest_runtest_teardown)
    return any(
        "nextitem" in one.argnames and not str(one.function.__module__).startswith(_TRIED)
        for caller in found
        for one in caller.get_hookimpls()
    )
