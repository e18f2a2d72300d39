"""Paired: the hooks of a pytest session that is one side of a comparison of two trees."""

from __future__ import annotations

import dataclasses
import gc
import sys
from typing import TYPE_CHECKING

import pytest

from paceline.engine.options import Mode
from paceline.engine.paired.channel import Channel
from paceline.engine.paired.director import RemoteDirector
from paceline.errors import UsageError
from paceline.plugin import benchmark as _loaded_ahead  # noqa: F401  (not in the first test)
from paceline.plugin.pytest_internals import item_parameters
from paceline.plugin.role import Role
from paceline.plugin.session import keep_session, open_session
from paceline.plugin.texts import shown
from paceline.probes.processor import pin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.engine.paired.channel import Message

__all__ = ["join"]

_LONGEST = 400  # characters of a reason


def join(config: pytest.Config, descriptors: str) -> None:
    """Make this process a side: it collects, then measures what the controller asks for."""
    session = open_session(config)
    if session.role is not Role.SINGLE:
        raise UsageError(
            "pytest's own workers are asked for, and sides are measured by one process each",
            remedy="end the command with: -- -n0",
        )
    incoming, outgoing = map(int, descriptors.split(","))
    channel = Channel(incoming, outgoing)
    run = dataclasses.replace(session.run, mode=Mode.ALL, write=())
    director = RemoteDirector(channel)
    keep_session(config, dataclasses.replace(session, run=run, director=director))
    config.pluginmanager.register(Side(channel, director), "paceline-side")


class Side:
    """Answers the controller: which cases there are, and how each of them went."""

    def __init__(self, channel: Channel, director: RemoteDirector) -> None:
        self._channel = channel
        self._director = director
        self._broken: list[str] = []
        self._outcome = "passed"
        self._why = ""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what can't be collected."""
        if report.failed:
            self._broken.append(f"{report.nodeid}: {_brief(report.longreprtext)}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Serve the controller in place of running all tests in turn."""
        items = {item.nodeid: item for item in session.items if _measures(item)}
        gc.collect()
        gc.freeze()  # what is loaded by now need not be looked through before every benchmark
        self._channel.send(
            {
                "say": "collected",
                "items": [_described(item) for item in items.values()],
                "broken": self._broken,
            }
        )
        while (order := self._channel.receive()) is not None:
            self._obey(order, items)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Learn how the test went; the first that went wrong says why."""
        if report.outcome != "passed" and self._outcome == "passed":
            self._outcome, self._why = report.outcome, _reason(report)

    def _obey(self, order: Message, items: dict[str, pytest.Item]) -> None:
        if order["do"] == "pin":
            pinned = pin(order["processor"])
            self._channel.send({"say": "pinned", "pinned": pinned})
        elif order["do"] == "counter":
            self._channel.send(self._director.prepare(order["out"], explains=order["explains"]))
        elif order["do"] == "modules":
            self._channel.send({"say": "modules", "files": _files(order["names"])})
        else:
            self._run([items[name] for name in order["items"]])

    def _run(self, items: Sequence[pytest.Item]) -> None:
        for item, following in zip(items, [*items[1:], None], strict=True):
            self._outcome, self._why = "passed", ""
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self._channel.send(
                {"say": "ended", "item": item.nodeid, "outcome": self._outcome, "why": self._why}
            )


def _measures(item: pytest.Item) -> bool:
    return "benchmark" in getattr(item, "fixturenames", ())


def _described(item: pytest.Item) -> Message:
    _, parameters = item_parameters(item)
    marker = item.get_closest_marker("benchmark")
    return {
        "item": item.nodeid,
        "parameters": [(name, shown(value)) for name, value in parameters.items()],
        "group": str(marker.kwargs.get("group") or "") if marker else "",
        "markers": list(dict.fromkeys(marker.name for marker in item.iter_markers())),
    }


def _files(names: Sequence[str]) -> dict[str, str]:
    """Give the file of every loaded module below these top-level names."""
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and name.partition(".")[0] in names:
            found[name] = str(file)
    return found


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):  # of a skipped test: file, line, reason
        return str(report.longrepr[-1])[:_LONGEST]
    return _brief(report.longreprtext)


def _brief(text: str) -> str:
    """Give the last line that says something, where pytest names the error."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("E ").strip() for line in lines if line.startswith("E ")]
    return (errors or lines or [""])[0 if errors else -1][:_LONGEST]
