"""Sort flat entries into groups by the labels of ``--benchmark-group-by``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Entry = dict[str, Any]

__all__ = ["LABELS", "group"]

_PARAMETER = "param:"


def group(
    entries: Iterable[Entry], labels: str | Sequence[str]
) -> list[tuple[str | None, list[Entry]]]:
    """Put entries that share every label together, groups and members in the order of their names.

    ``labels`` is one text with commas, or its parts. Entries without a label's value share the
    group None.

    Raises:
        UsageError: a label that entries can't be grouped by.
    """
    wanted = _checked(labels)
    found: dict[str | None, list[Entry]] = {}
    for entry in entries:
        parts = (_label(entry, label) for label in wanted)
        found.setdefault(" ".join(filter(None, parts)) or None, []).append(entry)
    order = "fullname" if any("full" in label for label in wanted) else "name"
    for members in found.values():
        members.sort(key=lambda entry: str(entry[order]))
    return sorted(found.items(), key=lambda pair: pair[0] or "")


def _checked(labels: str | Sequence[str]) -> tuple[str, ...]:
    """Part labels at their commas.

    Raises:
        UsageError: a label that entries can't be grouped by.
    """
    parts = labels.split(",") if isinstance(labels, str) else labels
    wanted = tuple(part.strip() for part in parts)
    for label in wanted:
        if label not in LABELS and not label.startswith(_PARAMETER):
            raise UsageError(
                f"Unsupported grouping {label!r}.",
                remedy=f"write {', '.join(LABELS)} or {_PARAMETER}NAME, parted by commas",
            )
    return wanted


def _label(entry: Mapping[str, Any], label: str) -> str:
    if label.startswith(_PARAMETER):
        name = label.removeprefix(_PARAMETER)
        params = entry.get("params") or {}
        return f"{name}={params[name]}" if name in params else ""
    return str(LABELS[label](entry) or "")


LABELS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "group": lambda entry: entry.get("group"),
    "name": lambda entry: entry["name"],
    "func": lambda entry: entry["name"].partition("[")[0],
    "fullname": lambda entry: entry["fullname"],
    "fullfunc": lambda entry: entry["fullname"].partition("[")[0],
    "param": lambda entry: entry.get("param"),
}
"""What entries can be grouped by, besides ``param:NAME``."""
