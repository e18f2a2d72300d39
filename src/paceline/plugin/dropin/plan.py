"""Plan: rounds by hand and where their arguments come from, with the errors users catch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paceline.errors import MeasureError
from paceline.probes.options import Collector, Warmup

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.probes.options import BenchmarkOptions

__all__ = ["ArgumentsError", "PlanError", "arguments_of", "check_plan", "option_facts"]


class PlanError(MeasureError, ValueError):
    """Rounds, iterations and warm-up rounds that can't be taken as given."""


class ArgumentsError(MeasureError, TypeError):
    """Arguments that are given twice: by hand and by the setup."""


def check_plan(setup: object, *, rounds: Any, warmup_rounds: Any, iterations: Any) -> None:
    """Refuse counts that are no whole numbers or too small, and a setup that calls would share.

    Raises:
        PlanError: naming all three.
    """
    counts = ((rounds, 1), (iterations, 1), (warmup_rounds, 0))
    if not all(isinstance(count, int) and count >= least for count, least in counts):
        raise PlanError(
            f"rounds={rounds!r}, iterations={iterations!r}, warmup_rounds={warmup_rounds!r}: "
            "rounds and iterations must be at least 1, warm-up rounds at least 0"
        )
    if setup is not None and iterations > 1:
        raise PlanError(
            f"iterations={iterations} with a setup: all of them would share what one setup made",
            remedy="leave iterations at 1, or make the arguments inside the target",
        )


def arguments_of(setup: Callable[[], Any] | None, *, given: bool) -> Callable[[], Any] | None:
    """Let a setup give arguments where none are ``given`` by hand; nothing keeps those."""
    if setup is None:
        return None

    def made() -> Any:
        found = setup()
        if not found:
            return None
        if given:
            raise ArgumentsError(
                "the setup returned arguments, and args or kwargs are given as well",
                remedy="give them in one place",
            )
        return found

    return made


def option_facts(
    options: BenchmarkOptions, timer: Callable[[], float] | None = None
) -> dict[str, Any]:
    """Name the options of one benchmark as the JSON document has them; times in seconds."""
    word = options.timer.rpartition(".")[2]  # the function's own name, as for one that is given
    return {
        "disable_gc": options.collector is Collector.OFF,
        "timer": getattr(timer, "__name__", str(timer)) if timer else word,
        "min_rounds": options.min_rounds,
        "max_time": options.max_time,
        "min_time": options.min_time,
        "precision": options.precision,
        "confidence": options.confidence,
        "warmup": False if options.warmup is Warmup.OFF else options.warmup_iterations,
    }
