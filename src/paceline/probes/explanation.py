"""Explanations: a counted body again, so that its instructions can be told by function."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paceline.probes.counter import no_collections
from paceline.probes.loop import call_values, timed_loop
from paceline.probes.trampolines import called_functions, has_trampolines, trampolines
from paceline.stats.profile import Function, Profile, beneath, named, read_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from paceline.probes.callgrind import Callgrind

__all__ = ["Explanation", "explained"]

_WARM: Final = 20
_LOOP: Final = Function("rounds", "<paceline timed loop>")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A profile as callgrind wrote it, and what its addresses mean: address, name, file, line."""

    text: str
    names: tuple[tuple[int, str, str, int], ...]

    def profile(self) -> Profile:
        """Give instructions by Python function where their names are known, else by C function.

        Raises:
            MeasureError: the profile is broken off.
        """
        names = {address: Function(name, file, line) for address, name, file, line in self.names}
        return beneath(named(read_profile(self.text), names), _LOOP)


def explained(
    function: Callable[..., Any],
    counter: Callgrind,
    *,
    count: int,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
) -> Explanation:
    """Count ``count`` calls once more and keep which function took what.

    From Python 3.12 on, in a process started for ``python_functions``, these are Python's; the
    trampolines cost some instructions for each call, so only explanations compare with each other.
    """
    named_arguments = kwargs or {}
    values = call_values(args, named_arguments)
    loop = timed_loop(args, kwargs)
    places = {one: one for one in called_functions(lambda: function(*args, **named_arguments))}
    named_frames = trampolines() if has_trampolines() else nullcontext(dict[int, Function]())
    with no_collections(), named_frames as names:
        loop(function, *values, min(count, _WARM), float)
        counter.start()
        loop(function, *values, count, float)
        counter.stop()
    lines = {address: places.get(one, one) for address, one in names.items()}
    return Explanation(
        counter.profile_text(),
        tuple((address, one.name, one.file, one.line) for address, one in lines.items()),
    )
