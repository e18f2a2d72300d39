"""Showing: the table, histograms, regressions and profiles at the end of a run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from paceline.engine.dropin_options import AUTOMATIC
from paceline.plugin.dropin.naming import automatic_prefix
from paceline.plugin.terminal import paint_of
from paceline.report.dropin import histogram
from paceline.report.dropin.table import COLUMNS, LEGEND, tables
from paceline.report.escape import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from paceline.plugin.dropin.session import BenchmarkSession
    from paceline.report.dropin.table import Table

__all__ = ["show"]

_PROFILE = "ncalls\ttottime\tpercall\tcumtime\tpercall\tfilename:lineno(function)"


def show(session: BenchmarkSession, reporter: pytest.TerminalReporter) -> None:
    """Say what the session found; nothing is judged here."""
    if not session.groups:
        return
    drawn = tables(
        session.groups,
        columns=[name for name in session.columns if name in COLUMNS],
        sort=session.sort,
        name_format=session.form,
        scale_unit=partial(session.config.hook.pytest_benchmark_scale_unit, config=session.config),
        paint=paint_of(session.config),
    )
    if session.tabled:
        reporter.ensure_newline()
        lines = ["", *(table.text for table in drawn), *LEGEND]
        reporter.write_line("\n".join(lines))
    if session.histogram:
        _draw(session, drawn)
    if session.performance_regressions:
        lines = [f"\t{plain(name)} - {said}" for name, said in session.performance_regressions]
        session.logger.error("\n".join(["Performance has regressed:", *lines]))
    if not session.quiet:
        _show_profiles(session, reporter)


def _draw(session: BenchmarkSession, drawn: Sequence[Table]) -> None:
    start = automatic_prefix() if session.histogram == AUTOMATIC else session.histogram
    for table in drawn:
        file = session.config.invocation_params.dir / histogram.file_name(start, table.group)
        text = histogram.to_svg(
            table.rows, group=table.group, prefix=table.prefix, factor=table.factor
        )
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            said = f"ERROR: no histogram: {error}"
        else:
            said = f"Generated histogram: {file}"
        session.logger.info(said)


def _show_profiles(session: BenchmarkSession, reporter: pytest.TerminalReporter) -> None:
    found = [one for _, entries in session.groups for one in entries if one.get("cprofile")]
    if found:
        reporter.section("cProfile (time in s)", "-", yellow=True)
    for entry in found:
        source = f" ({entry['source']})" if entry["source"] else ""
        reporter.write_line(f"{plain(entry['fullname'])}{source}", yellow=True)
        reporter.write_line(_PROFILE)
        for row in entry["cprofile"]:
            reporter.write_line(_profile_line(row))
        reporter.write_line("")


def _profile_line(row: dict[str, Any]) -> str:
    times = (row[name] for name in ("tottime", "tottime_per", "cumtime", "cumtime_per"))
    figures = "\t".join(f"{seconds:.4f}" for seconds in times)
    return f"{row['ncalls_recursion']}\t{figures}\t{plain(row['function_name'])}"
