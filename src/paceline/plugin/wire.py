"""Wire: reports as builtins, short where the controller knows the rest; warnings beside them."""

from __future__ import annotations

import io
import marshal
import pickle
import sys
import warnings
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Encoded",
    "decode_report",
    "decode_warning",
    "encode_report",
    "encode_warning",
    "keywords_of",
    "plain",
]

Encoded: TypeAlias = tuple[Any, ...]
"""A short report's fields, or ("whole", what pytest's own hook makes of it)."""

_WHOLE = "whole"
_KNOWN = frozenset({"_id", "nodeid", "keywords"})  # as the item itself has them
_SENT = frozenset(
    {
        *("when", "outcome", "duration", "start", "stop"),
        *("longrepr", "sections", "user_properties", "location"),
    }
)
_STANDARD = _SENT | _KNOWN
_USUAL = len(_STANDARD) - 1  # a report has either _id or nodeid
_PLAIN = (type(None), str, tuple)


def keywords_of(item: pytest.Item) -> Mapping[str, Any]:
    """Name an item's keywords as its reports do."""
    return dict.fromkeys(item.keywords, 1)


def encode_report(item: pytest.Item, report: pytest.TestReport, keywords: int) -> Encoded:
    """Make a report of an item plain; ``keywords`` is how many the item was collected with.

    A report that holds more than builtins goes the way of pytest's own hook.
    """
    if (
        type(report) is pytest.TestReport
        and isinstance(report.longrepr, _PLAIN)
        and len(report.keywords) == keywords
        and report.nodeid == item.nodeid
    ):
        fields = vars(report)
        extra = None
        if len(fields) > _USUAL:
            extra = {name: value for name, value in fields.items() if name not in _STANDARD}
        return (
            report.when,
            report.outcome,
            report.duration,
            report.start,
            report.stop,
            report.longrepr,
            report.sections,
            report.user_properties,
            report.location,
            extra,
        )
    data = item.config.hook.pytest_report_to_serializable(config=item.config, report=report)
    return _WHOLE, data


def plain(encoded: list[Encoded]) -> list[Encoded]:
    """Replace what can't be sent by its text; what tests put on reports may be anything."""
    found: list[Encoded] = _plain(encoded)
    return found


def decode_report(
    item: pytest.Item, encoded: Encoded, keywords: Mapping[str, Any]
) -> pytest.TestReport:
    """Make the report again."""
    if encoded[0] == _WHOLE:
        config = item.config
        made = config.hook.pytest_report_from_serializable(config=config, data=encoded[1])
        assert isinstance(made, pytest.TestReport)  # noqa: S101  (what its counterpart took)
        return made
    when, outcome, duration, start, stop, longrepr, sections, properties, location, extra = encoded
    return pytest.TestReport(
        getattr(item, "id", item.nodeid),
        location,  # the item's own is worked out anew in each process that asks for it
        keywords,
        outcome,
        longrepr,
        when,
        sections,
        duration,
        start,
        stop,
        properties,
        **(extra or {}),
    )


def encode_warning(warning: warnings.WarningMessage) -> Encoded:
    """Make a warning plain: pickled where it can be, and its kind's name and its text."""
    try:
        said = pickle.dumps((warning.message, warning.category))
    except Exception:  # noqa: BLE001  (a warning's class is the user's own code)
        said = b""
    return said, warning.category.__name__, str(warning.message), warning.filename, warning.lineno


def decode_warning(encoded: Encoded) -> warnings.WarningMessage:
    """Make the warning again; one that can't be made here keeps its kind's name and its text."""
    said, name, text, filename, line = encoded
    try:
        message, category = _Known(io.BytesIO(said)).load()
    except Exception:  # noqa: BLE001  (as above)
        category = type(name, (UserWarning,), {})
        message = category(text)
    return warnings.WarningMessage(message, category, filename, line)


class _Known(pickle.Unpickler):
    """Imports nothing: a module that only a worker has may be gone, or start a thread."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """Give a class of a module that is there."""
        if module_name not in sys.modules:
            raise pickle.UnpicklingError(module_name)
        return super().find_class(module_name, global_name)


def _is_plain(value: Any) -> bool:
    try:
        marshal.dumps(value)
    except ValueError:
        return False
    return True


def _plain(value: Any) -> Any:
    """Replace what is no builtin by its text, however deep it lies."""
    if _is_plain(value):
        return value
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_plain(one) for one in value)
    if isinstance(value, list | set | frozenset):
        return [_plain(one) for one in value]
    return str(value)
