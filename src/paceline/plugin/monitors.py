"""Monitors: what a test takes, told inside the test under the names that people know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.model import RESOURCES
from paceline.probes.clock import Real
from paceline.probes.network import transferred
from paceline.probes.resources import Gauge

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from paceline.probes.network import Traffic
    from paceline.probes.resources import Reading, Taken

__all__ = ["MB", "PerformanceMonitor", "ResourceMonitor"]

MB = 1024**2
"""Bytes of the MB of these monitors, as memory limits in tests are usually written."""

_OFFLINE = "this system does not tell the traffic of its network"


class _Monitor:
    """A stretch that begins when it is made, and anew under each ``with``, whose end ends it."""

    def __init__(self) -> None:
        self._gauge = Gauge()
        self._ended: tuple[Taken, float] | None = None
        self._reading: Reading | None = None
        self._began = 0.0
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin anew."""
        self.stop()
        self._gauge.open()
        self._ended = None
        self._reading = self._gauge.start()
        self._began = Real.perf_counter()

    def stop(self) -> None:
        """End the stretch: from now on its figures stand."""
        if self._reading is None:
            return
        seconds = Real.perf_counter() - self._began
        self._ended = self._gauge.finish(self._reading, (None, seconds, None)), seconds
        self._reading = None
        self._gauge.close()

    @property
    def duration(self) -> float:
        """Elapsed time in seconds."""
        return self._now()[1]

    @property
    def unsure(self) -> str:
        """Why figures are nan or can't be trusted, "" when all can."""
        return "; ".join(f"{name}: {reason}" for name, reason in self._reasons())

    def _reasons(self) -> tuple[tuple[str, str], ...]:
        return self._now()[0].unsure

    def _figure(self, metric: str) -> float:
        figure = self._now()[0].figures[RESOURCES.index(metric)]
        return math.nan if figure is None else figure

    def _now(self) -> tuple[Taken, float]:
        if self._ended is not None:
            return self._ended
        assert self._reading is not None  # noqa: S101  (a stretch is open or has ended)
        seconds = Real.perf_counter() - self._began
        return self._gauge.so_far(self._reading, seconds), seconds


class PerformanceMonitor(_Monitor):
    """Tells ``duration`` in seconds and ``memory_delta`` in MB, of resident memory."""

    @property
    def memory_delta(self) -> float:
        """Resident memory added, in MB of 1024 * 1024 bytes; below zero where some was freed."""
        return self._figure("test_process_growth") / MB


class ResourceMonitor(PerformanceMonitor):
    """Tells what this process took: memory in MB, processor in percent, files and traffic.

    What can't be told is nan, and ``unsure`` says why.
    """

    def start(self) -> None:
        """Begin anew."""
        super().start()
        self._before = transferred()
        self._after: Traffic | None = None

    def stop(self) -> None:
        """End the stretch: from now on its figures stand."""
        if self._reading is not None:
            self._after = transferred()
        super().stop()

    @property
    def memory_peak(self) -> float:
        """Most resident memory of the process, in MB of 1024 * 1024 bytes."""
        return self._figure("test_process_peak") / MB

    @property
    def cpu_avg(self) -> float:
        """Processor time of this process over elapsed time, in percent of one processor."""
        taken, seconds = self._now()
        used = taken.figures[RESOURCES.index("test_cpu_time")]
        return 100 * used / seconds if used is not None and seconds > 0 else math.nan

    @property
    def io_read(self) -> float:
        """Bytes read by system calls, from files, pipes and sockets."""
        return self._figure("test_bytes_read")

    @property
    def io_written(self) -> float:
        """Bytes written by system calls."""
        return self._figure("test_bytes_written")

    @property
    def threads(self) -> float:
        """How many more threads there are than at the start."""
        return self._figure("test_threads")

    @property
    def open_files(self) -> float:
        """How many more files are open than at the start."""
        return self._figure("test_open_files")

    @property
    def network_received(self) -> float:
        """Bytes that reached the network namespace, for whichever of its processes."""
        return self._traffic().received - self._before.received

    @property
    def network_sent(self) -> float:
        """Bytes that left the network namespace, from whichever of its processes."""
        return self._traffic().sent - self._before.sent

    def _traffic(self) -> Traffic:
        return self._after if self._after is not None else transferred()

    def _reasons(self) -> tuple[tuple[str, str], ...]:
        found = super()._reasons()
        return (*found, ("network", _OFFLINE)) if math.isnan(self._before.sent) else found
