"""Histograms: one group as a file of box plots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from paceline.errors import UsageError
from paceline.report.dropin.histogram import file_name, to_svg

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

__all__ = ["make_histogram"]


def make_histogram(
    output_prefix: str | os.PathLike[str],
    name: str | None,
    benchmarks: Sequence[dict[str, Any]],
    unit: str,
    adjustment: float,
) -> Path:
    """Draw flat entries into ``PREFIX-NAME.svg`` and give the file.

    ``unit`` is "n", "u", "m" or ""; seconds are taken times ``adjustment``.

    Raises:
        UsageError: the file can't be written.
    """
    file = Path(file_name(str(output_prefix), name))
    drawn = to_svg(benchmarks, group=name, prefix=unit, factor=adjustment)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{str(file)!r} can't be written: {error.strerror}", remedy="name another prefix"
        ) from error
    return file
