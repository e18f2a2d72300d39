"""Resources: what one test, or the set-up of one of its fixtures, took of its machine."""

from __future__ import annotations

from dataclasses import dataclass

from paceline.model.case import Case  # noqa: TC001  (codecs read the annotations)
from paceline.model.measurement import Measurement
from paceline.model.metric import METRICS
from paceline.model.turn import Turn

__all__ = ["RESOURCES", "Resources"]

RESOURCES: tuple[str, ...] = (
    "test_time",
    "test_setup_time",
    "test_call_time",
    "test_teardown_time",
    "test_cpu_time",
    "test_children_cpu_time",
    "test_process_peak",
    "test_process_rise",
    "test_process_growth",
    "test_threads",
    "test_open_files",
    "test_collections",
    "test_collection_time",
    "test_bytes_read",
    "test_bytes_written",
)
"""The metrics of a record, in the order of its figures."""

_SHARE = "test_cpu_share"
_NO_TURN = Turn()


@dataclass(frozen=True, slots=True)
class Resources:
    """One record; ``figures`` stand in the order of `RESOURCES`, in base units, None for none.

    ``unsure`` names metrics whose figure is missing or can't be trusted, each with its reason. The
    record of a fixture's set-up has a case labelled ``fixture NAME``; ``turn`` says when and where.
    """

    case: Case
    figures: tuple[float | None, ...]
    unsure: tuple[tuple[str, str], ...] = ()
    turn: Turn = _NO_TURN

    def figure(self, metric: str) -> float | None:
        """Look up one figure in its base unit."""
        return self.figures[RESOURCES.index(metric)]

    def measurements(self) -> tuple[Measurement, ...]:
        """Give the record as measurements of one value each, and the processor's share."""
        reasons = dict(self.unsure)
        found = [
            Measurement(
                self.case,
                METRICS[name],
                () if figure is None else (figure,),
                unsure=reasons.get(name, ""),
            )
            for name, figure in zip(RESOURCES, self.figures, strict=True)
            if figure is not None or name in reasons
        ]
        time, used = self.figure("test_time"), self.figure("test_cpu_time")
        if time and used is not None:
            reason = reasons.get("test_time") or reasons.get("test_cpu_time", "")
            found.append(Measurement(self.case, METRICS[_SHARE], (used / time,), unsure=reason))
        return tuple(found)
