"""Weaving: measure a function where the code under test calls it, by aspectlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.plugin.benchmark import Benchmark

__all__ = ["WeaveError", "woven"]


class WeaveError(UsageError, ImportError):
    """aspectlib, which weaves, is not installed."""


def woven(benchmark: Benchmark, target: Any, **options: Any) -> Callable[[], object]:
    """Let every call of ``target`` be measured by this benchmark; gives what undoes it.

    Raises:
        WeaveError: aspectlib is not installed.
    """
    try:
        import aspectlib  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415  (optional)
    except ImportError as error:
        raise WeaveError(
            "benchmark.weave needs aspectlib", remedy="pip install aspectlib"
        ) from error

    def measured(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            return benchmark(function, *args, **kwargs)

        return call

    undo: Callable[[], object] = aspectlib.weave(target, measured, **options).rollback
    return undo
