"""Machine: judge what the facts about a machine and an interpreter mean for figures."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

__all__ = ["Fact", "Judgement", "Machine", "graded", "judge_machine", "unsure"]

_GOOD_CLOCKS = frozenset({"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"})
_RESOLUTIONS = (1e-6, 1e-4)  # seconds: below the first is good, above the second bad
_LOADS = (0.1, 0.5)  # runnable processes for each processor
_ADDRESSES_AND_HEAP = 2  # kernel.randomize_va_space
_UNTOLD = "this system doesn't tell"


class Judgement(enum.Enum):
    """What a fact means for figures; *unsure* where the machine doesn't tell."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as it is said, its judgement, why it bears on figures and what would mend it."""

    name: str
    said: str
    judgement: Judgement = Judgement.GOOD
    why: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """What was read from a machine; None and "" stand for what it doesn't tell.

    ``quota`` counts the processors that a container may use, infinite without a limit; ``load``
    counts runnable processes over the last minute; ``siblings`` share a core with the ``allowed``
    processors; ``resolution`` is in seconds; ``randomised`` is the kernel's own number, 0 where
    this process is exempt from it.
    """

    governors: tuple[str, ...] = ()
    turbo: bool | None = None
    virtual: bool | None = None
    online: tuple[int, ...] = ()
    isolated: tuple[int, ...] | None = None
    allowed: tuple[int, ...] = ()
    siblings: tuple[int, ...] | None = None
    quota: float | None = None
    load: float | None = None
    clock: str = ""
    resolution: float = 0.0
    randomised: int | None = None
    hash_seed: str = ""
    debug: bool = False
    watchers: tuple[str, ...] = ()


def judge_machine(machine: Machine) -> tuple[Fact, ...]:
    """Judge each fact about a machine and its interpreter."""
    judges = (
        _governor, _turbo, _virtual, _isolated, _allowed, _quota, _siblings, _load,
        _clock, _resolution, _addresses, _hashes, _build, _watchers,
    )  # fmt: skip
    return tuple(judge(machine) for judge in judges)


def graded(value: float, bounds: tuple[float, float]) -> Judgement:
    """Call a figure good up to the first bound, bad beyond the second."""
    good, bad = bounds
    return Judgement.GOOD if value <= good else Judgement.WATCH if value <= bad else Judgement.BAD


def unsure(name: str) -> Fact:
    """Say that a fact can't be learnt here."""
    return Fact(name, "?", Judgement.UNSURE, _UNTOLD)


def _governor(machine: Machine) -> Fact:
    name = "frequency governor"
    if not machine.governors:
        return unsure(name)
    said = ", ".join(machine.governors)
    if machine.governors == ("performance",):
        return Fact(name, said)
    remedy = "sudo cpupower frequency-set --governor performance"
    return Fact(name, said, Judgement.WATCH, "the clock rate follows the load", remedy)


def _turbo(machine: Machine) -> Fact:
    if machine.turbo is None:
        return unsure("turbo")
    if not machine.turbo:
        return Fact("turbo", "off")
    why = "the clock rate follows heat and neighbours"
    remedy = "write 1 to intel_pstate/no_turbo, or 0 to cpufreq/boost"
    return Fact("turbo", "on", Judgement.WATCH, why, remedy)


def _virtual(machine: Machine) -> Fact:
    if machine.virtual is None:
        return unsure("virtual machine")
    if not machine.virtual:
        return Fact("virtual machine", "no")
    why = "neighbours that can't be seen share caches and processors"
    return Fact("virtual machine", "yes", Judgement.WATCH, why, "judge changes by paceline ab")


def _isolated(machine: Machine) -> Fact:
    name = "isolated processors"
    if machine.isolated is None:
        return unsure(name)
    said = _listed(machine.isolated) if machine.isolated else "none"
    if not machine.isolated or set(machine.isolated) & set(machine.allowed):
        return Fact(name, said)
    why = "they are kept free of other work, and this process runs elsewhere"
    return Fact(name, said, Judgement.WATCH, why, f"taskset --cpu-list {said.replace(' ', '')} …")


def _allowed(machine: Machine) -> Fact:
    name = "processors allowed"
    if not machine.allowed:
        return unsure(name)
    online = f" of {len(machine.online)} online" if machine.online else ""
    said = f"{_listed(machine.allowed)}{online}"
    if len(machine.allowed) > 1:
        return Fact(name, said)
    why = "pytest and everything it starts share one processor"
    return Fact(name, said, Judgement.WATCH, why, "allow a second one: taskset, cpuset")


def _quota(machine: Machine) -> Fact:
    name = "container limit"
    if machine.quota is None:
        return unsure(name)
    if math.isinf(machine.quota):
        return Fact(name, "none")
    said = f"{machine.quota:g} processors"
    if machine.quota >= max(len(machine.allowed), 1):
        return Fact(name, said)
    why = "when the quota is spent everything stands still for some ten milliseconds"
    tight = Judgement.BAD if machine.quota < 1 else Judgement.WATCH
    return Fact(name, said, tight, why, "give whole processors (a cpuset) in place of a quota")


def _siblings(machine: Machine) -> Fact:
    name = "siblings on a core"
    if machine.siblings is None:
        return unsure(name)
    if not machine.siblings:
        return Fact(name, "none")
    why = "what runs there slows the code here by up to a half"
    remedy = "write off to /sys/devices/system/cpu/smt/control, or leave them idle"
    return Fact(name, _listed(machine.siblings), Judgement.WATCH, why, remedy)


def _load(machine: Machine) -> Fact:
    if machine.load is None:
        return unsure("load before")
    judgement = graded(machine.load / max(len(machine.online), 1), _LOADS)
    said = f"{machine.load:.2f} processes at once"
    if judgement is Judgement.GOOD:
        return Fact("load before", said)
    return Fact(
        "load before",
        said,
        judgement,
        "others ran here in the last minute",
        "stop what else runs, and wait",
    )


def _clock(machine: Machine) -> Fact:
    if not machine.clock:
        return unsure("clock source")
    if machine.clock in _GOOD_CLOCKS:
        return Fact("clock source", machine.clock)
    remedy = "see dmesg for why the processor's own counter was given up"
    why = "every reading asks the kernel or a slow chip"
    return Fact("clock source", machine.clock, Judgement.WATCH, why, remedy)


def _resolution(machine: Machine) -> Fact:
    said = f"{1e9 * machine.resolution:,.0f} ns"
    judgement = graded(machine.resolution, _RESOLUTIONS)
    if judgement is Judgement.GOOD:
        return Fact("clock resolution", said)
    why, remedy = "rounds of short code must be longer", "use time.perf_counter"
    return Fact("clock resolution", said, judgement, why, remedy)


def _addresses(machine: Machine) -> Fact:
    name = "address randomisation"
    if machine.randomised is None:
        return unsure(name)
    if machine.randomised >= _ADDRESSES_AND_HEAP:
        return Fact(name, "on")
    said = "in part" if machine.randomised else "off"
    why = "one layout's luck stays with every process"
    remedy = "sysctl kernel.randomize_va_space=2, no setarch -R"
    return Fact(name, said, Judgement.WATCH, why, remedy)


def _hashes(machine: Machine) -> Fact:
    if machine.hash_seed in {"", "random"}:
        return Fact("hash seed", "random")
    why = "one order of sets stays with every process"
    return Fact("hash seed", machine.hash_seed, Judgement.WATCH, why, "unset PYTHONHASHSEED")


def _build(machine: Machine) -> Fact:
    if not machine.debug:
        return Fact("interpreter build", "release")
    why = "a debug build is several times slower, not evenly"
    return Fact("interpreter build", "debug", Judgement.BAD, why, "use a release build")


def _watchers(machine: Machine) -> Fact:
    if not machine.watchers:
        return Fact("watched by", "nothing")
    why, remedy = "every call and line costs more than alone", "measure without it"
    return Fact("watched by", ", ".join(machine.watchers), Judgement.BAD, why, remedy)


def _listed(processors: tuple[int, ...]) -> str:
    """Write processors as ranges, as in ``0-3, 8``."""
    ranges: list[list[int]] = []
    for one in sorted(processors):
        if ranges and ranges[-1][-1] == one - 1:
            ranges[-1][1:] = [one]
        else:
            ranges.append([one])
    return ", ".join("-".join(map(str, ends)) for ends in ranges)
