"""Metric: a named quantity with a base unit and a better direction."""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["METRICS", "SINGLE", "Better", "Metric"]

SINGLE = ("test_", "run_", "leaked_", "collection_", "fixture_")
"""How the metrics begin that have one value a run and say nothing of a benchmark's time."""


class Better(enum.Enum):
    """Which way a metric improves."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True)
class Metric:
    """A named quantity; ``unit`` is one of the base units s, B, 1, 1/s."""

    name: str
    unit: str
    better: Better = Better.LOWER
    help: str = ""


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("wall_time", "s", Better.LOWER, "Elapsed time of one call, overhead subtracted."),
        Metric("first_call", "s", Better.LOWER, "Elapsed time of the very first call, cold."),
        Metric(
            "compile_time", "s", Better.LOWER, "What warming up cost beyond the same calls warm."
        ),
        Metric("cpu_share", "1", Better.LOWER, "Processor time of this process over wall time."),
        Metric("throughput", "1/s", Better.HIGHER, "Items or bytes per second, from wall_time."),
        Metric("peak_memory", "B", Better.LOWER, "Python bytes allocated at the peak of a call."),
        Metric("memory_growth", "B", Better.LOWER, "Python bytes still held when a block ended."),
        Metric("process_rise", "B", Better.LOWER, "Peak of resident memory above a block's start."),
        Metric("process_growth", "B", Better.LOWER, "Resident memory added when a block ended."),
        Metric("children_peak", "B", Better.LOWER, "Peak of all child processes together."),
        Metric("leaked_bytes", "B", Better.LOWER, "Bytes that every further call keeps."),
        Metric("leaked_objects", "1", Better.LOWER, "Objects or handles each further call keeps."),
        Metric("test_leaked_bytes", "B", Better.LOWER, "Bytes that every repeat of a test keeps."),
        Metric("test_leaked_objects", "1", Better.LOWER, "Objects each repeat of a test keeps."),
        Metric("test_peak_memory", "B", Better.LOWER, "Python bytes at the peak of a whole test."),
        Metric("test_memory_growth", "B", Better.LOWER, "Python bytes a test left behind."),
        Metric("test_children_peak", "B", Better.LOWER, "Peak of a test's child processes."),
        Metric("test_time", "s", Better.LOWER, "Elapsed time of a test with its fixtures."),
        Metric("test_setup_time", "s", Better.LOWER, "Elapsed time of a test's set-up phase."),
        Metric("test_call_time", "s", Better.LOWER, "Elapsed time of a test's own body."),
        Metric("test_teardown_time", "s", Better.LOWER, "Elapsed time of a test's teardown phase."),
        Metric("test_cpu_time", "s", Better.LOWER, "Processor time of this process over a test."),
        Metric("test_children_cpu_time", "s", Better.LOWER, "Processor time of finished children."),
        Metric("test_cpu_share", "1", Better.LOWER, "Processor time of a test over its time."),
        Metric("test_process_peak", "B", Better.LOWER, "Most resident memory during a test."),
        Metric("test_process_rise", "B", Better.LOWER, "Peak of resident memory above the start."),
        Metric("test_process_growth", "B", Better.LOWER, "Resident memory added by a test."),
        Metric("test_threads", "1", Better.LOWER, "More threads after a test than before it."),
        Metric("test_open_files", "1", Better.LOWER, "More open files after a test than before."),
        Metric("test_collections", "1", Better.LOWER, "Garbage collections during a test."),
        Metric("test_collection_time", "s", Better.LOWER, "Time in garbage collections of a test."),
        Metric("test_bytes_read", "B", Better.LOWER, "Bytes that a test read by system calls."),
        Metric("test_bytes_written", "B", Better.LOWER, "Bytes that a test wrote by system calls."),
        Metric("test_files_opened", "1", Better.LOWER, "Files opened during a test, imports too."),
        Metric("test_connections", "1", Better.LOWER, "Sockets connected during a test."),
        Metric("test_lookups", "1", Better.LOWER, "Names of hosts looked up during a test."),
        Metric("test_subprocesses", "1", Better.LOWER, "Processes started during a test."),
        Metric("test_databases", "1", Better.LOWER, "SQLite connections opened during a test."),
        Metric("test_sleeps", "1", Better.LOWER, "Calls of time.sleep during a test."),
        Metric("run_peak", "B", Better.LOWER, "Most resident memory of a process over the run."),
        Metric("run_growth", "B", Better.LOWER, "Resident memory added over the run."),
        Metric("run_time", "s", Better.LOWER, "Elapsed time of a run, collection included."),
        Metric("run_collection_time", "s", Better.LOWER, "Time to collect all tests of a run."),
        Metric("run_category_time", "s", Better.LOWER, "Time of all a category's tests together."),
        Metric("collection_time", "s", Better.LOWER, "Time to import and collect one test file."),
        Metric("fixture_users", "1", Better.LOWER, "Tests that use a shared fixture."),
    )
}
