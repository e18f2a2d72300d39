"""Profile hooks: notice early, and cheaply, whether a profile is named."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from paceline.plugin.role import project_of

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

__all__ = ["pytest_cmdline_main", "pytest_load_initial_conftests"]

_FLAGS = ("--paceline-profile", "--paceline-show-profile")
_VARIABLE = "PACELINE_PROFILE_NAME"
_INI = "paceline_profile_name"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, object, object]:
    """Put a profile's arguments before the user's, before anybody looks at them."""
    if _asked(early_config, args):
        from paceline.plugin.profiles import apply_profile  # noqa: PLC0415  (only when asked)

        apply_profile(early_config, parser, args)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Show the profile instead of running anything."""
    if getattr(config.option, "paceline_profile_show", None) is None:
        return None
    from paceline.plugin.profiles import show_profile  # noqa: PLC0415  (only when asked)

    sys.stdout.write("\n".join([*show_profile(config), ""]))
    return int(pytest.ExitCode.OK)


def _asked(config: pytest.Config, args: Sequence[str]) -> bool:
    named = any(word.startswith(_FLAGS) for word in args) or os.environ.get(_VARIABLE)
    return bool(named or config.getini(_INI) or _table_may_name_one(config))


def _table_may_name_one(config: pytest.Config) -> bool:
    """Look at the bytes only: the table is parsed where it could hold a profile's name."""
    try:
        content = (project_of(config) / "pyproject.toml").read_bytes()
    except OSError:
        return False
    return b"paceline" in content and b"profile" in content
