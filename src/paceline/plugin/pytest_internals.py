"""The one module that may read undocumented attributes of objects that pytest hands out.

Each use says why there is no public way, since which pytest it holds, and what happens without it.
"""

from __future__ import annotations

import copy
import io
import os
import tempfile
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "captures_again",
    "fixture_definition",
    "item_parameters",
    "own_capture",
    "own_temporary_folder",
    "parse_again",
    "runs_everything",
    "show_progress_by",
    "tear_down_to",
    "temporary_folder",
    "written_at_once",
]

_PARTIAL = ("lf", "stepwise", "keyword", "markexpr", "collectonly", "setuponly", "setupplan")


@contextmanager
def captures_again(config: pytest.Config) -> Iterator[None]:
    """Let a test's capturing fixture capture although the test's call has ended.

    Only the capture manager can begin it anew, since pytest 3.3; without it what a repeated test
    prints is not captured, so that a test which reads it does not pass again and is unsure.
    """
    manager: Any = config.pluginmanager.get_plugin("capturemanager")
    begin = getattr(manager, "activate_fixture", _nothing)
    end = getattr(manager, "deactivate_fixture", _nothing)
    begin()
    try:
        yield
    finally:
        end()


def _nothing() -> None:
    """Stand in for what a pytest does not have."""


def fixture_definition(item: pytest.Item, name: str) -> pytest.FixtureDef[Any] | None:
    """Find the definition of a fixture that an item would get, None where there is none.

    Only the session's fixture manager knows, and takes a node since pytest 8.1; without it no
    fixture is shared, and each worker sets up its own.
    """
    manager: Any = getattr(item.session, "_fixturemanager", None)
    found = manager.getfixturedefs(name, item) if manager is not None else None
    return found[-1] if found else None


def own_capture(config: pytest.Config, files: Sequence[int], *, base: int) -> None:
    """After a fork, let capturing go to files of this process; the old ones are the parent's.

    ``files`` are the descriptors that captured output and errors are to go to, ``base`` takes what
    is written outside capture. The streams stay the same objects, since what was imported may hold
    one: a log handler, a parameter of a test. Only the capture manager has them, since pytest 3.3:
    ``tmpfile`` is a stream's file, ``targetfd_save`` the descriptor that it took the place of.
    Without it the parent's files are shared, and outputs mix.
    """
    manager: Any = config.pluginmanager.get_plugin("capturemanager")
    capturing = getattr(manager, "_global_capturing", None)
    if capturing is not None:
        manager.suspend_global_capture(in_=False)
    for descriptor in (1, 2):
        os.dup2(base, descriptor)
    for name, descriptor in zip(("out", "err"), files, strict=True):
        stream: Any = getattr(capturing, name, None)
        if hasattr(stream, "targetfd_save"):
            os.dup2(descriptor, stream.tmpfile.fileno(), inheritable=False)
            os.dup2(base, stream.targetfd_save, inheritable=False)


def own_temporary_folder(config: pytest.Config, name: str) -> None:
    """After a fork, let temporary paths of this process lie in a folder of its own.

    The factory that pytest keeps on its configuration since 3.9 has no public way to be moved;
    without it workers share one folder, in which each numbers its own.
    """
    factory: Any = getattr(config, "_tmp_path_factory", None)
    if factory is not None:
        folder = factory.getbasetemp() / f"popen-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        factory._basetemp = folder  # noqa: SLF001


def temporary_folder(config: pytest.Config) -> Path:
    """Give the folder of the run's temporary paths, which is made now if it was not there yet.

    As for `own_temporary_folder`; without the factory it is the system's.
    """
    factory: Any = getattr(config, "_tmp_path_factory", None)
    found = factory.getbasetemp() if factory is not None else tempfile.gettempdir()
    return Path(found)


def tear_down_to(item: pytest.Item, following: pytest.Item | None) -> None:
    """Tear down what an item that has ended kept and the following one does not need.

    Only pytest's set-up state can, since pytest 7; a failure is reported as that item's teardown.
    Without it nothing is torn down before the next test's own set-up does it.
    """
    kept = item.parent.listchain() if item.parent is not None else []
    if following is not None and following.listchain()[: len(kept)] == kept:
        return
    state: Any = getattr(item.session, "_setupstate", None)
    manager: Any = item.config.pluginmanager.get_plugin("capturemanager")
    captured = getattr(manager, "item_capture", lambda *_: nullcontext())

    def tear_down() -> None:
        __tracebackhide__ = True
        state.teardown_exact(following)

    with captured("teardown", item):
        call = pytest.CallInfo.from_call(
            tear_down,
            when="teardown",
            reraise=(KeyboardInterrupt,),
        )
    if call.excinfo is not None:
        report = item.ihook.pytest_runtest_makereport(item=item, call=call)
        item.ihook.pytest_runtest_logreport(report=report)


@contextmanager
def written_at_once(reporter: pytest.TerminalReporter | None) -> Iterator[None]:
    """Let what the reporter writes meanwhile go out in one piece: each flush is a system call.

    Its writer holds the stream as ``_file`` since pytest 5.4; without it letters go one by one.
    """
    writer: Any = getattr(reporter, "_tw", None)
    file = getattr(writer, "_file", None)
    if file is None:
        yield
        return
    held = io.StringIO()
    writer._file = held  # noqa: SLF001
    try:
        yield
    finally:
        writer._file = file  # noqa: SLF001
        text = held.getvalue()
        if text:
            file.write(text)
            file.flush()


def show_progress_by(reporter: pytest.TerminalReporter, share: Callable[[], str]) -> None:
    """Let the terminal's progress at the end of a line be what ``share`` says.

    The reporter asks its own method for it since pytest 3.3; without it progress is a count.
    """
    if hasattr(reporter, "_get_progress_information_message"):
        reporter._get_progress_information_message = share  # type: ignore[method-assign]  # noqa: SLF001


def item_parameters(item: pytest.Item) -> tuple[str, dict[str, Any]]:
    """Give the parameter id and the parameters of an item, ("", {}) where it has none.

    ``item.callspec`` has been on parametrised functions since pytest 2.4, and no public name gives
    the parameters; without it a case counts as not parametrised.
    """
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return "", {}
    return str(callspec.id), dict(callspec.params)


def parse_again(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Let plugins that look at the arguments before all conftests are loaded see the new ones.

    ``known_args_namespace`` is where capture and pytest-cov look, since pytest 2.4; without it
    a profile's ``-s`` and ``--cov`` have no effect, and all else has.
    """
    before = getattr(early_config, "known_args_namespace", None)
    if before is None:
        return
    after = parser.parse_known_args(args, namespace=copy.copy(early_config.option))
    after.confcutdir = before.confcutdir
    early_config.known_args_namespace = after


def runs_everything(config: pytest.Config) -> bool:
    """Tell whether this run collects the whole suite rather than paths that the user named.

    ``config.args_source`` says so since pytest 7.2 but is not documented; without it the run counts
    as partial, and patterns that match no test are not complained about.
    """
    source = getattr(config, "args_source", None)
    name = getattr(source, "name", "")
    partial = bool(config.getoption("deselect", None)) or any(
        config.getoption(option, None) not in {None, False, ""} for option in _PARTIAL
    )
    return name in {"TESTPATHS", "INVOCATION_DIR"} and not partial
