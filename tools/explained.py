"""Generate what the pages say about codes, verdicts and metrics (run by cog).

The sentences are those of ``paceline explain``, so that page and command can't disagree.
"""

from __future__ import annotations

from paceline.guard.explain import EXPLANATIONS
from paceline.model import Kind

__all__ = ["errors", "exits", "metrics", "verdicts"]

_KINDS = {kind.value for kind in Kind}


def exits() -> str:
    """Give the table of Paceline's own exit codes."""
    return _table("code", [name for name in EXPLANATIONS if name.isdigit()])


def errors() -> str:
    """Give the table of error codes."""
    return _table("error", [name for name in EXPLANATIONS if name.startswith("PAC")])


def verdicts() -> str:
    """Give the table of verdicts."""
    return _table("verdict", [name for name in EXPLANATIONS if name in _KINDS])


def metrics() -> str:
    """Give the table of metrics: whatever is neither code nor verdict."""
    others = [name for name in EXPLANATIONS if name not in _KINDS]
    return _table(
        "metric", [name for name in others if not name.isdigit() and not name.startswith("PAC")]
    )


def _table(head: str, names: list[str]) -> str:
    rows = "".join(f"| `{name}` | {EXPLANATIONS[name]} |\n" for name in names)
    return f"\n| {head} | meaning |\n|---|---|\n{rows}"
