"""Profiles: which function took how many instructions, and from where it was called."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from paceline.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Cost", "Function", "Profile", "below", "beneath", "named", "read_profile"]

_NAMING = re.compile(r"(ob|fl|fi|fe|fn|cob|cfi|cfl|cfn)=\((\d+)\)(?: (.*))?")
_SPACES = {"b": "object", "n": "function"}
"""Numbers of names count apart for objects, functions and files, told by a key's last letter."""
_RECURSION = re.compile(r"'\d+$")
_NAMELESS = re.compile(r"0x[0-9a-f]+")
_UNKNOWN = "???"


@dataclass(frozen=True, slots=True, order=True)
class Function:
    """A function by name and file; ``line``, 0 where unknown, tells no functions apart."""

    name: str
    file: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Cost:
    """Instructions of a function: its ``own``, and ``inclusive`` of all that it called."""

    own: float
    inclusive: float


@dataclass(frozen=True, slots=True)
class Profile:
    """Instructions in total, by function, and by calling and called function.

    ``calls`` holds what the outermost calls of a function cost: what it costs to come back to a
    function that is running already belongs to that function.
    """

    total: float
    functions: Mapping[Function, Cost]
    calls: Mapping[tuple[Function, Function], float]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One cost of a caller: its own, or that of a callee, each as it was named."""

    caller: tuple[str, str]
    callee: tuple[str, str] | None
    cost: int


def read_profile(text: str) -> Profile:
    """Read a profile in callgrind's format (Valgrind manual, "Callgrind Format Specification").

    Levels of recursion count as one function, whose inclusive cost is that of its outermost calls.

    Raises:
        MeasureError: the text holds no total, as where the process ended before its time.
    """
    total = re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE)
    if total is None:
        raise MeasureError(
            "the profile holds no total",
            remedy="look why the counted process ended before it wrote its profile",
        )
    own: dict[Function, float] = defaultdict(float)
    inclusive: dict[Function, float] = defaultdict(float)
    calls: dict[tuple[Function, Function], float] = defaultdict(float)
    for entry in _entries(text):
        caller = _function(entry.caller)
        own[caller] += 0 if entry.callee else entry.cost
        if not _is_inner(entry.caller):
            inclusive[caller] += entry.cost
        if entry.callee and not _is_inner(entry.callee):
            calls[caller, _function(entry.callee)] += entry.cost
    functions = {one: Cost(cost, inclusive[one]) for one, cost in own.items()}
    return Profile(float(total[1]), functions, dict(calls))


def named(profile: Profile, names: Mapping[int, Function]) -> Profile:
    """Name functions that a profile knows by address; other nameless code joins its callers.

    Its cost is shared among them as the cost of their calls is. The total stays what it was.
    """
    known = {one: _known(one, names) for one in profile.functions}
    own: dict[Function, float] = defaultdict(float)
    inclusive: dict[Function, float] = defaultdict(float)
    calls: dict[tuple[Function, Function], float] = defaultdict(float)
    for one, cost in profile.functions.items():
        own[known[one]] += cost.own
        inclusive[known[one]] += cost.inclusive
    for (caller, callee), passed in profile.calls.items():
        calls[known.get(caller, caller), known.get(callee, callee)] += passed
    for one in sorted(own):
        if _NAMELESS.fullmatch(one.name):
            _join(one, own, calls)
    functions = {one: Cost(work, min(inclusive[one], profile.total)) for one, work in own.items()}
    return Profile(profile.total, functions, dict(calls))


def below(profile: Profile, root: str) -> Profile:
    """Name files from ``root`` on, so that two checkouts of one project compare."""
    start = root.rstrip("/") + "/"

    def moved(one: Function) -> Function:
        return replace(one, file=one.file.removeprefix(start))

    functions = {moved(one): cost for one, cost in profile.functions.items()}
    calls = {(moved(caller), moved(one)): cost for (caller, one), cost in profile.calls.items()}
    return Profile(profile.total, functions, calls)


def beneath(profile: Profile, root: Function) -> Profile:
    """Give the part of a profile that one function and what it called make up.

    The profile as it is where the function is not in it.
    """
    if root not in profile.functions:
        return profile
    called: dict[Function, set[Function]] = defaultdict(set)
    for caller, callee in profile.calls:
        called[caller].add(callee)
    reached, ahead = {root}, [root]
    while ahead:
        fresh = called[ahead.pop()] - reached
        reached |= fresh
        ahead.extend(fresh)
    functions = {one: cost for one, cost in profile.functions.items() if one in reached}
    calls = {pair: cost for pair, cost in profile.calls.items() if reached.issuperset(pair)}
    return Profile(profile.functions[root].inclusive, functions, calls)


def _entries(text: str) -> Iterator[_Entry]:
    """Give the cost lines, with names and places spelled out."""
    spelled: dict[tuple[str, str], str] = {}
    at = {"ob": _UNKNOWN, "fl": _UNKNOWN, "fn": _UNKNOWN}
    caller, callee = (_UNKNOWN, _UNKNOWN), dict[str, str]()
    calling = False
    for line in text.splitlines():
        naming = _NAMING.match(line)
        if naming:
            key, number, name = naming.groups()
            space = _SPACES.get(key[-1], "file")
            spelled.setdefault((space, number), name or _UNKNOWN)
            name = spelled[space, number]
            if key.startswith("c"):
                callee["fl" if space == "file" else key[1:]] = name
            else:
                at["fl" if space == "file" else key] = name
            if key == "fn":
                caller = _named_place(at)
        elif line.startswith("calls="):
            calling = True
        elif line[:1].isdecimal() or line[:1] in {"+", "-", "*"}:
            called = _named_place(at | callee) if calling else None
            yield _Entry(caller, called, int(line.split()[1]))
            if calling:
                calling, callee = False, {}


def _named_place(at: Mapping[str, str]) -> tuple[str, str]:
    """Give name and source file, or the library where the file is unknown."""
    return at["fn"], at["fl"] if at["fl"] != _UNKNOWN else at["ob"]


def _is_inner(called: tuple[str, str]) -> bool:
    return _RECURSION.search(called[0]) is not None


def _function(called: tuple[str, str]) -> Function:
    return Function(_RECURSION.sub("", called[0]), called[1])


def _known(one: Function, names: Mapping[int, Function]) -> Function:
    return names.get(int(one.name, 16), one) if _NAMELESS.fullmatch(one.name) else one


def _join(
    one: Function, own: dict[Function, float], calls: dict[tuple[Function, Function], float]
) -> None:
    """Hand a function's cost and calls to its callers, each its share; one without stays."""
    callers = {edge[0]: calls[edge] for edge in list(calls) if edge[1] == one != edge[0]}
    total = sum(callers.values())
    if not total:
        return
    callees = {edge[1]: calls[edge] for edge in list(calls) if edge[0] == one != edge[1]}
    for caller, cost in callers.items():
        own[caller] += own[one] * cost / total
        del calls[caller, one]
        for callee, inner in callees.items():
            calls[caller, callee] += inner * cost / total
    for callee in callees:
        del calls[one, callee]
    calls.pop((one, one), None)
    del own[one]
