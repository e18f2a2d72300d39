"""Generate the reference pages of metrics, errors and the store's tables (run by cog)."""

from __future__ import annotations

import re
import textwrap

from paceline import errors
from paceline.guard.explain import EXPLANATIONS
from paceline.guard.limit import RATIO
from paceline.model import METRICS, Metric
from paceline.store.schema import INDEXES, TABLES, VERSION, Column, Dialect, Index, Table
from paceline.units import NAMES

__all__ = ["ERRORS", "error_entries", "error_tree", "metric_tables", "schema_tables"]

ERRORS: tuple[type[errors.PacelineError], ...] = tuple(
    sorted(
        (getattr(errors, name) for name in errors.__all__ if name.endswith("Error")),
        key=lambda one: one.code,
    )
)
"""Every class of error, by its code."""

_FAMILIES = {
    "leaked_": ("Leaks", "What every further call of a checked function keeps: [leaks](leaks.md)."),
    "test_": (
        "Whole tests",
        "A test with its fixtures: [resources](resources.md), [memory](memory.md).",
    ),
    "run_": ("Runs", "A whole run, or one category in it: [suite](suite.md)."),
    "collection_": ("Collection", "Before the first test: [collection](collection.md)."),
    "fixture_": ("Fixtures", "What tests share: [suite](suite.md)."),
}
_REST = (
    "Benchmarks and blocks",
    "A measured call, or a block: [benchmark](benchmark.md), [memory](memory.md).",
)
_NEXT = re.compile(r"(\w+Error) {2,}(\S.*?) {2,}PAC")


def metric_tables() -> str:
    """Give one table for each family of metrics."""
    text = ""
    for prefix, (head, sentence) in {"": _REST, **_FAMILIES}.items():
        rows = [one for one in (*METRICS.values(), RATIO) if _family(one) == prefix]
        text += (
            f"\n## {head}\n\n{sentence}\n\n| metric | unit | better | what |\n|---|---|---|---|\n"
        )
        text += "".join(_metric_row(one) for one in rows)
    return text


def error_entries() -> str:
    """Give one section for each class of error."""
    steps = dict(_NEXT.findall(errors.__doc__ or ""))
    return "".join(_error_entry(one, steps.get(one.__name__, "")) for one in ERRORS)


def error_tree() -> str:
    """Give the tree of classes as errors.py draws it."""
    drawn = [line for line in (errors.__doc__ or "").splitlines() if line.startswith("    ")]
    return "\n```text\n" + textwrap.dedent("\n".join(drawn)) + "\n```\n"


def schema_tables() -> str:
    """Give one section for each table of the store."""
    head = f"\nSchema version {VERSION}.\n\n"
    return head + "\n".join(_table_section(table) for table in TABLES)


def _family(metric: Metric) -> str:
    return next((prefix for prefix in _FAMILIES if metric.name.startswith(prefix)), "")


def _metric_row(metric: Metric) -> str:
    unit = "1" if metric.unit == "1" else f"{metric.unit} ({NAMES[metric.unit]})"
    return f"| `{metric.name}` | {unit} | {metric.better.value} | {metric.help} |\n"


def _error_entry(error: type[errors.PacelineError], step: str) -> str:
    meaning = EXPLANATIONS[error.code].replace(f" Exit code {error.exit_code}.", "")
    what = f"- What to do: {step}.\n" if step else ""
    return (
        f"\n## {error.code}: {error.__name__}\n\n{meaning}\n\n"
        f"{what}- Exit code: [{error.exit_code}](exit-codes.md).\n"
    )


def _table_section(table: Table) -> str:
    rows = "".join(_column_row(column) for column in table.columns)
    notes = []
    if table.key:
        notes.append(f"- Primary key: {_names(table.key)}.")
    if table.unique:
        notes.append(f"- One row for each {_names(table.unique)}.")
    notes += [_index_note(index) for index in INDEXES if index.table == table.name]
    after = "\n" + "\n".join(notes) + "\n" if notes else ""
    return (
        f"## {table.name}\n\n{_sentence(table.comment)}\n\n"
        f"| column | SQLite | PostgreSQL | null | what |\n|---|---|---|---|---|\n{rows}{after}"
    )


def _column_row(column: Column) -> str:
    sqlite = column.type.name_in(Dialect.SQLITE)
    postgresql = column.type.name_in(Dialect.POSTGRESQL)
    what = column.comment
    if column.link:
        what += f"; points at [{column.link}](#{column.link})"
    if column.default:
        what += f"; `{column.default}` where nothing is said"
    null = "yes" if column.null else "no"
    return f"| `{column.name}` | {sqlite} | {postgresql} | {null} | {what} |\n"


def _index_note(index: Index) -> str:
    covers = f", carries {_names(index.covers)}" if index.covers else ""
    return f"- Index `{index.name}` on {_names(index.columns)}{covers}: {index.comment}."


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
