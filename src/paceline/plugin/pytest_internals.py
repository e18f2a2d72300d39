"""The one module that may read undocumented attributes of objects that pytest hands out.

Each use says why there is no public way, since which pytest it holds, and what happens without it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

__all__ = ["captures_again", "item_parameters", "runs_everything"]

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


def item_parameters(item: pytest.Item) -> tuple[str, dict[str, Any]]:
    """Give the parameter id and the parameters of an item, ("", {}) where it has none.

    ``item.callspec`` has been on parametrised functions since pytest 2.4, and no public name gives
    the parameters; without it a case counts as not parametrised.
    """
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return "", {}
    return str(callspec.id), dict(callspec.params)


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
