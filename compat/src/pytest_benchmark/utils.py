"""Small functions that conftests and scripts import, each answered by Paceline's own."""

from __future__ import annotations

import argparse
import datetime as dt
import platform
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from paceline.errors import UsageError
from paceline.guard.dropin import Check, parse_expression
from paceline.probes import dropin
from paceline.probes.dropin import machine_id as get_machine_id
from paceline.report.dropin.names import FORMS as NAME_FORMATTERS
from paceline.report.dropin.table import COLUMNS, DEFAULT_COLUMNS
from paceline.report.dropin.table import parse_columns as _parse_columns
from paceline.report.dropin.units import TITLES as TIME_UNITS
from paceline.report.dropin.units import operations_scale as operations_unit
from paceline.report.dropin.units import time_scale as time_unit
from paceline.store.dropin import autosave_name, safe_name
from paceline.store.dropin.writing import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    T = TypeVar("T")

__all__ = [
    "ALLOWED_COLUMNS",
    "DEFAULT_COLUMNS",
    "NAME_FORMATTERS",
    "TIME_UNITS",
    "DifferenceRegressionCheck",
    "NameWrapper",
    "PercentageRegressionCheck",
    "clonefunc",
    "format_time",
    "funcname",
    "get_commit_info",
    "get_current_time",
    "get_machine_id",
    "get_project_name",
    "get_tag",
    "operations_unit",
    "parse_columns",
    "parse_compare_fail",
    "parse_elasticsearch_storage",
    "parse_save",
    "parse_warmup",
    "safe_dumps",
    "time_unit",
]

ALLOWED_COLUMNS = sorted(COLUMNS)
_WORDS = {
    **dict.fromkeys(("on", "true", "yes", ""), True),
    **dict.fromkeys(("off", "false", "no"), False),
}


class NameWrapper:
    """A function that shows itself by its dotted name."""

    def __init__(self, target: Callable[..., Any]) -> None:
        self.target = target

    def __str__(self) -> str:
        module = getattr(self.target, "__module__", "")
        name = getattr(self.target, "__name__", repr(self.target))
        return f"{module}.{name}" if module else str(name)

    def __repr__(self) -> str:
        return f"NameWrapper({self.target!r})"


class _RegressionCheck:
    """A check as `paceline.guard.dropin` has it, made by hand."""

    relative: bool

    def __init__(self, field: str, threshold: float) -> None:
        self.field = field
        self.threshold = threshold
        self._check = Check(field, threshold, self.relative)

    def compute(self, current: Mapping[str, float], compared: Mapping[str, float]) -> float:
        """Give how much higher the current statistic is."""
        return self._check.excess(current, compared)

    def fails(self, current: Mapping[str, float], compared: Mapping[str, float]) -> str | None:
        """Say how the check is broken, None when it is kept."""
        return self._check.failure(current, compared) or None


class PercentageRegressionCheck(_RegressionCheck):
    """Fails above so many per cent."""

    relative = True


class DifferenceRegressionCheck(_RegressionCheck):
    """Fails above so many seconds."""

    relative = False


def parse_compare_fail(string: str) -> PercentageRegressionCheck | DifferenceRegressionCheck:
    """Read ``mean:10%`` or ``min:0.001``."""
    check = _refused(partial(parse_expression, string))
    made = PercentageRegressionCheck if check.relative else DifferenceRegressionCheck
    return made(check.field, check.threshold)


def parse_columns(string: str) -> list[str]:
    """Part the columns of a table at their commas."""
    return list(_refused(partial(_parse_columns, string)))


def parse_save(string: str) -> str:
    """Check the name of a saved run."""
    return _refused(partial(safe_name, string))


def parse_warmup(string: str) -> bool:
    """Read on, off or auto, which is on for PyPy alone."""
    word = string.lower().strip()
    if word == "auto":
        return platform.python_implementation() == "PyPy"
    if word not in _WORDS:
        raise argparse.ArgumentTypeError(f"Could not parse value: {string!r}.")
    return _WORDS[word]


def parse_elasticsearch_storage(string: str, **_more: object) -> NoReturn:
    """Refuse: that storage is not offered."""
    raise argparse.ArgumentTypeError(f"storage {string!r} is not offered: write file://PATH")


def get_commit_info(project_name: str | None = None) -> dict[str, Any]:
    """Describe the commit of the current folder."""
    return dropin.commit_info(project_name, folder=Path.cwd())


def get_project_name() -> str:
    """Name the project of the current folder by where it was cloned from, or by the folder."""
    return str(get_commit_info()["project"])


def get_current_time() -> str:
    """Write the moment in UTC, as in ``20261121_221500``."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%d_%H%M%S}"


def get_tag(project_name: str | None = None) -> str:
    """Name a run by its commit and moment."""
    return autosave_name(get_commit_info(project_name), dt.datetime.now(dt.UTC))


def format_time(value: float) -> str:
    """Write seconds with two digits and a prefix, as in ``1.50m``."""
    prefix, factor = time_unit(value)
    return f"{value * factor:.2f}{prefix}"


def funcname(f: Any) -> str:
    """Name a function, or the one that a partial wraps."""
    function = f.func if isinstance(f, partial) else f
    return str(getattr(function, "__name__", f))


def clonefunc(f: T) -> T:
    """Give the function itself, as every release since 4 does."""
    return f


def safe_dumps(obj: Mapping[str, Any]) -> str:
    """Write a document as JSON text, what JSON does not know by its repr."""
    return dumps(obj)


def _refused(parse: Callable[[], T]) -> T:
    """Complain as argparse expects of the type of an argument."""
    try:
        return parse()
    except UsageError as error:
        raise argparse.ArgumentTypeError(f"{error.problem} {error.remedy}") from error
