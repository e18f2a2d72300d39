"""Two trees side by side: the table, the progress and the JSON of a paired comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paceline.guard.outcome import State
from paceline.model import METRICS, Kind
from paceline.report.escape import ascii_only
from paceline.report.json import dumps
from paceline.report.paint import Paint, bare
from paceline.report.table import Align, Heading, lay_out, rule, safe
from paceline.report.words import count, quantity
from paceline.stats.differential import differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paceline.guard.outcome import Compared, Counted, Outcome
    from paceline.guard.paired import Decision
    from paceline.model import Estimate
    from paceline.stats.differential import FunctionChange
    from paceline.stats.profile import Profile

__all__ = ["FORMAT", "VERSION", "arms", "percent", "progress", "render", "to_json", "word_of"]

FORMAT = "paceline-ab"
VERSION = 1
_WALL = METRICS["wall_time"]
_WORDS = {Kind.OK: "equivalent"}
_CLAIMED = {Kind.OK: "holds", Kind.OVER_BUDGET: "broken"}
_ROLES = {
    "regressed": "bad", "failed": "bad", "broken": "bad", "improved": "good", "unsure": "warn"
}  # fmt: skip
_ORDER = (
    "failed", "broken", "regressed", "unsure", "improved", "new", "gone", "skipped", "equivalent",
    "holds",
)  # fmt: skip
_APART = frozenset({State.NEW, State.GONE, State.FAILED, State.SKIPPED})
_COUNTED = Heading("Instructions")
_COLUMNS = (
    Heading("Name", Align.LEFT),
    Heading("Base"),
    Heading("Head"),
    Heading("Change"),
    Heading("", Align.LEFT, gap=1),
    Heading("Significant", Align.LEFT),
    Heading("Relevant", Align.LEFT),
    _COUNTED,
    Heading("Pairs"),
    Heading("Verdict", Align.LEFT),
)
_SHORT = 40
_COUNTS = _COLUMNS.index(_COUNTED)
_SEEN = 5e-5  # of a spread, in two decimals of a per cent
_FAR = 3.0  # factor from which per cent are hard to read


def render(  # noqa: PLR0913  (keyword-only, what the caller's terminal and command know)
    compared: Compared,
    *,
    base: str,
    head: str,
    threshold: float,
    paint: Paint = bare,
    pure_ascii: bool = False,
) -> str:
    """Write the table, worst first, the reasons below it, and the count of each verdict."""
    outcomes = sorted(compared.outcomes, key=lambda one: _ORDER.index(word_of(one)))
    rows = [_cells(one, pure_ascii=pure_ascii) for one in outcomes]
    roles = [_ROLES.get(word_of(one), "") for one in outcomes]
    columns = [*_COLUMNS]
    if not any(one.counted for one in outcomes):
        del columns[_COUNTS]
        for row in rows:
            del row[_COUNTS]
    title, *body = lay_out(columns, rows, pure_ascii=pure_ascii, roles=roles, paint=paint)
    lines = [safe(f"base  {base}", pure_ascii=pure_ascii, longest=200)]
    lines += [safe(f"head  {head}", pure_ascii=pure_ascii, longest=200), ""]
    lines += [title, rule((title, *body)), *body, ""]
    lines += [safe(said, pure_ascii=pure_ascii, longest=400) for said in _reasons(outcomes)]
    lines += [
        safe(f"note: {note}", pure_ascii=pure_ascii, longest=400) for note in _notes(compared)
    ]
    words = [word_of(one) for one in outcomes]
    found = "  ".join(f"{words.count(word)} {word}" for word in _ORDER if word in words)
    lines.append(
        f"ab  {count(len(words), 'benchmark')}  {found}  threshold {100 * threshold:g} %  "
        f"{count(compared.pairs, 'pair')} of processes in {compared.seconds:.0f} s"
    )
    text = "\n".join(lines) + "\n"
    return ascii_only(text) if pure_ascii else text


def progress(outcomes: Sequence[Outcome], pairs: int, *, seconds: float) -> tuple[str, ...]:
    """Give a line for each case with its current interval, after one that counts them."""
    undecided = sum(one.state in {State.OPEN, State.CONFIRMING} for one in outcomes)
    decided = len(outcomes) - undecided
    lines = [f"pair {pairs}  {decided} of {len(outcomes)} decided  {seconds:.0f} s"]
    for one in outcomes:
        if one.decision is not None:
            said = f"{percent(one.decision.shown)} {arms(one.decision.shown)}"
            name = safe(one.case.name, longest=_SHORT)
            state = word_of(one) if one.state is State.DECIDED else one.state.value
            lines.append(f"  {name:{_SHORT}} {said:28} {len(one.pairs):>3} pairs  {state}")
    return tuple(lines)


def to_json(
    compared: Compared, *, base: dict[str, Any], head: dict[str, Any], status: int, terms: Any
) -> str:
    """Write everything as JSON: sides, terms, and for each case verdict, interval and raw pairs."""
    return dumps(
        {
            "schema": FORMAT,
            "version": VERSION,
            "status": status,
            "seconds": compared.seconds,
            "pairs": compared.pairs,
            "pinned": compared.pinned,
            "base": base,
            "head": head,
            "threshold": terms.threshold,
            "error": terms.error,
            "notes": list(compared.notes),
            "cases": [
                _as_builtins(one, compared.profiles.get(one.case.id)) for one in compared.outcomes
            ],
        }
    )


def word_of(outcome: Outcome) -> str:
    """Give the verdict's word as this comparison says it: ok is *equivalent*, a claim *holds*."""
    if outcome.state in _APART:
        return outcome.state.value
    if outcome.decision is None:
        return Kind.UNSURE.value
    words = _CLAIMED if outcome.limit else _WORDS
    return words.get(outcome.decision.kind, outcome.decision.kind.value)


def percent(ratio: Estimate) -> str:
    """Write how much a ratio is above or below 1: ``+4.9 %``, ``12.3x`` when it is far."""
    if not 1 / _FAR < ratio.point < _FAR:
        return f"{ratio.point:.3g}x"
    return f"{_signed(ratio.point)} %"


def arms(ratio: Estimate) -> str:
    """Write the interval of a change, in the unit of `percent`: ``[+3.1 … +6.8]``."""
    if not 1 / _FAR < ratio.point < _FAR:
        return f"[{ratio.low:.3g} … {ratio.high:.3g}]"
    return f"[{_signed(ratio.low)} … {_signed(ratio.high)}]"


def _signed(ratio: float) -> str:
    """Write a change in per cent; what rounds to nothing has no minus."""
    return f"{round(100 * (ratio - 1), 1) + 0.0:+.1f}"


def _cells(one: Outcome, *, pure_ascii: bool) -> list[str]:
    name = safe(one.case.name, pure_ascii=pure_ascii)
    sides = [quantity(value, _WALL) if value else "" for value in (one.base, one.head)]
    said = ["", "", "", ""]
    if one.decision is not None and one.state not in _APART:
        said = _judged(one.decision)
    pairs = len(one.pairs) + len(one.confirmation)
    counts = _counts(one.counted) if one.counted else ""
    return [name, *sides, *said, counts, str(pairs) if pairs else "", word_of(one)]


def _counts(counted: Counted) -> str:
    """Write the change of a count, with its spread over processes where that can be seen."""
    spread = f" ±{100 * counted.spread:.2f}" if counted.spread >= _SEEN else ""
    return f"{100 * (counted.ratio - 1):+.2f}{spread} %"


def _judged(decision: Decision) -> list[str]:
    flags = ["yes" if flag else "no" for flag in (decision.significant, decision.relevant)]
    return [percent(decision.shown), arms(decision.shown), *flags]


def _reasons(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for one in outcomes:
        word = word_of(one)
        because = one.why or (one.decision.because if one.decision else "")
        if word != "equivalent" and because:
            yield f"{word}: {one.case.name}: {because}"
        for note in one.notes:
            yield f"note: {one.case.name}: {note}"


def _notes(compared: Compared) -> Iterator[str]:
    yield from compared.notes
    blind = {one.counted.blind_to: None for one in compared.outcomes if one.counted}
    yield from (f"counts don't see {said}" for said in blind)
    if not compared.pinned:
        yield "workers could not be kept on one processor: pairs are noisier, and more were allowed"
    discarded = sum(one.discarded for one in compared.outcomes)
    if discarded:
        yield f"{count(discarded, 'figure')} left out: the host took the processor away meanwhile"


def _as_builtins(one: Outcome, profiles: tuple[Profile, Profile] | None) -> dict[str, Any]:
    decision = one.decision
    return {
        "case": one.case.id,
        "group": one.case.group,
        "kind": word_of(one),
        "ratio": _estimate(decision.ratio) if decision else None,
        "shown": _estimate(decision.shown) if decision else None,
        "significant": decision.significant if decision else False,
        "relevant": decision.relevant if decision else False,
        "because": one.why or (decision.because if decision else ""),
        "needs": decision.needs if decision else 0,
        "base_seconds": one.base or None,
        "head_seconds": one.head or None,
        "pairs": list(one.pairs),
        "confirmation": list(one.confirmation),
        "limit": one.limit or None,
        "discarded": one.discarded,
        "seconds": one.seconds,
        "counted": _counted(one.counted) if one.counted else None,
        "functions": [_function(change) for change in differences(*profiles)] if profiles else [],
        "notes": list(one.notes),
    }


def _counted(counted: Counted) -> dict[str, Any]:
    return {
        "counter": counted.counter,
        "blind_to": counted.blind_to,
        "base": list(counted.base),
        "head": list(counted.head),
        "ratio": counted.ratio,
        "spread": counted.spread,
    }


def _function(change: FunctionChange) -> dict[str, Any]:
    place = change.function
    where = {"function": place.name, "file": place.file, "line": place.line}
    return {**where, "base": change.base, "head": change.head, "share": change.share}


def _estimate(found: Estimate) -> dict[str, float]:
    return {"point": found.point, "low": found.low, "high": found.high, "level": found.level}
