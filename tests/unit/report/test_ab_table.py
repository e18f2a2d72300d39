from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from paceline.guard.outcome import (
    Compared,
    Counted,
    Outcome,
    State,
    held_to,
    status_of,
    verdicts_of,
)
from paceline.guard.paired import Decision, Terms, decide
from paceline.model import Case, Estimate, Kind
from paceline.report.ab import percent, progress, render, to_json, word_of

TERMS = Terms(0.015, cases=3)


def decision(shift: float, spread: float = 1e-5, pairs: int = 24) -> Decision:
    return decide([shift + spread * (-1) ** step for step in range(pairs)], TERMS, last=True)


def outcome(name: str, shift: float = 0.0, **facts: object) -> Outcome:
    found = Outcome(
        Case(f"test_a.py::{name}", group="g"),
        State.DECIDED,
        decision(shift),
        pairs=(shift,) * 24,
        base=1e-6,
        head=1.1e-6,
        seconds=1.5,
    )
    return replace(found, **facts)  # type: ignore[arg-type]


COMPARED = Compared(
    (
        outcome("test_same"),
        outcome("test_slower", 0.1),
        outcome("test_faster", -0.1),
        outcome("test_noisy", decision=decision(0.01, 0.2)),
        outcome("test_new", state=State.NEW, decision=None, base=0.0, head=0.0, pairs=()),
        outcome("test_old", state=State.GONE, decision=None, base=0.0, head=0.0, pairs=()),
        outcome("test_broken", state=State.FAILED, why="failed on the head: boom"),
        outcome("test_off", state=State.SKIPPED, why="skipped on the base: no pandas"),
    ),
    pairs=24,
    seconds=12.0,
    pinned=True,
)


def rendered(compared: Compared = COMPARED, *, pure_ascii: bool = False) -> str:
    return render(
        compared, base="main (1a2b3c4)", head="tree", threshold=0.015, pure_ascii=pure_ascii
    )


def test_the_worst_stands_first_and_everything_is_there() -> None:
    lines = rendered().splitlines()
    names = [line.split()[0] for line in lines[5:13]]
    assert names == [
        "test_broken", "test_slower", "test_noisy", "test_faster",
        "test_new", "test_old", "test_off", "test_same",
    ]  # fmt: skip


def test_significant_and_relevant_stand_apart() -> None:
    (line,) = (line for line in rendered().splitlines() if line.startswith("test_slower"))
    assert "+10.5 % [+10.5 … +10.5]  yes          yes" in line
    assert line.endswith("24  regressed")


def test_reasons_and_counts_follow_the_table() -> None:
    text = rendered()
    assert "failed: test_broken: failed on the head: boom" in text
    assert "skipped: test_off: skipped on the base: no pandas" in text
    assert "1 failed  1 regressed  1 unsure  1 improved  1 new  1 gone  1 skipped" in text


def test_pairs_that_were_not_pinned_or_left_out_are_said() -> None:
    shaken = replace(COMPARED, pinned=False, outcomes=(outcome("t", discarded=2),))
    text = rendered(shaken)
    assert "could not be kept on one processor" in text
    assert "2 figures left out" in text


def test_an_old_terminal_gets_ascii_alone() -> None:
    assert rendered(pure_ascii=True).isascii()


def test_without_counts_there_is_no_column_for_them() -> None:
    assert "Instructions" not in rendered()


def test_progress_shows_the_intervals_so_far() -> None:
    lines = progress(COMPARED.outcomes, 6, seconds=3.2)
    assert lines[0] == "pair 6  8 of 8 decided  3 s"
    assert any("test_slower" in line and "+10.5 %" in line for line in lines)


def test_json_holds_what_the_gate_needs() -> None:
    text = to_json(COMPARED, base={"said": "a"}, head={"said": "b"}, status=11, terms=TERMS)
    document = json.loads(text)
    assert (document["schema"], document["version"], document["status"]) == ("paceline-ab", 1, 11)
    kinds = {one["case"]: one["kind"] for one in document["cases"]}
    assert kinds["test_a.py::test_same"] == "equivalent"
    assert kinds["test_a.py::test_slower"] == "regressed"
    assert document["cases"][0]["pairs"] == [0.0] * 24


def test_a_case_without_pairs_is_unsure() -> None:
    (found,) = verdicts_of([outcome("t", decision=None, why="stolen")], subject="ab main")
    assert (found.kind, found.because) == (Kind.UNSURE, "stolen")
    assert "unsure" in rendered(replace(COMPARED, outcomes=(outcome("t", decision=None),)))


@pytest.mark.parametrize(
    ("shift", "limit", "word", "status"),
    [(-0.7, 0.51, "holds", 0), (0.3, 0.5, "broken", 10), (-0.69, 0.5, "unsure", 0)],
)
def test_a_claim_holds_or_is_broken(shift: float, limit: float, word: str, status: int) -> None:
    about = decision(shift - math.log(limit), 0.3 if word == "unsure" else 1e-5)
    held = held_to(outcome("t", decision=about), limit)
    verdicts = verdicts_of([held], subject="ab main")
    assert word_of(held) == word
    assert status_of([held], verdicts, strict=False) == status


def test_a_change_of_many_times_is_said_as_a_factor() -> None:
    assert "9.97x [9.97 … 9.97]" in rendered(replace(COMPARED, outcomes=(outcome("t", 2.3),)))


def test_counts_have_a_column_and_say_what_they_do_not_see() -> None:
    counted = Counted("instructions", "caches", (1000.0, 1001.0), (1010.0,))
    text = rendered(replace(COMPARED, outcomes=(outcome("t", counted=counted),)))
    assert "+1.00 ±0.10 %" in text
    assert "counts don't see caches" in text
    document = json.loads(
        to_json(replace(COMPARED, outcomes=(outcome("t", counted=counted),)),
                base={}, head={}, status=0, terms=TERMS)
    )  # fmt: skip
    assert document["cases"][0]["counted"]["ratio"] == pytest.approx(1.01)


@pytest.mark.parametrize(("ratio", "said"), [(0.9999, "+0.0 %"), (0.99, "-1.0 %"), (12.0, "12x")])
def test_a_change_that_rounds_to_nothing_has_no_minus(ratio: float, said: str) -> None:
    assert percent(Estimate(ratio, ratio, ratio, 0.95, "")) == said
