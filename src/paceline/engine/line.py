"""Line: which recorded runs belong to a branch, and in which order their code was written."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paceline.engine.commits import Commits, Step
    from paceline.model import Run

__all__ = ["Line", "Lines", "in_order", "lines_of"]


@dataclass(frozen=True, slots=True)
class Line:
    """The commits that a branch consists of, as far as git knows them.

    ``ranks`` are places of commits, and of their contents, the oldest first; ``elsewhere`` are
    commits that git finds on other branches alone: a run of one of them is none of this line's,
    whatever its branch is called. ``named`` asks for the branch's own name as well.
    """

    branch: str
    ranks: Mapping[str, int] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    named: bool = False

    def rank(self, run: Run) -> int | None:
        """Give the place of a run's commit, or of its content, None for one that has none."""
        found = self.ranks.get(run.commit)
        return self.ranks.get(run.tree) if found is None and run.tree else found

    def holds(self, run: Run) -> bool:
        """Tell whether a run is one of this line's."""
        if self.named:
            return run.branch == self.branch
        if self.rank(run) is not None:
            return True
        return run.branch == self.branch and run.commit not in self.elsewhere


@dataclass(frozen=True, slots=True)
class Lines:
    """What a series shows, and the one line on which change points are looked for."""

    shown: tuple[Line, ...]
    main: Line
    gone: frozenset[str] = frozenset()

    def holds(self, run: Run) -> bool:
        """Tell whether a run is shown; without any line all are."""
        return not self.shown or any(line.holds(run) for line in self.shown)


def lines_of(
    runs: Sequence[Run], commits: Commits | None, *, branch: str = "", every: bool = False
) -> Lines:
    """Find the lines of what is checked out and of the main branch, or of one branch alone.

    ``runs`` are the store's, the newest first; ``every`` shows the runs of all branches. Outside
    git the newest run tells the branch.
    """
    if commits is None:
        name = branch or (runs[0].branch if runs else "")
        line = Line(name, named=bool(branch))
        return Lines(() if every else (line,), line)
    known = [run.commit for run in runs]
    if branch:
        tips = commits.tips_of(branch)
        line = Line(branch, _ranks(commits.line(tips[0])) if tips else {}, named=True)
        return Lines((line,), line, commits.gone(known))
    here = _line(commits, commits.branch, commits.head, known)
    shown = [here]
    tips = commits.tips_of(commits.main) if commits.main != commits.branch else ()
    shown += [_line(commits, commits.main, tip, known) for tip in tips]
    return Lines(() if every else tuple(shown), here, commits.gone(known))


def in_order(runs: Iterable[Run], line: Line) -> tuple[Run, ...]:
    """Sort the runs of a line by their commits, the oldest first, those of one commit by time.

    A run whose commit has no place stands after the newest commit that was measured before it.
    """
    by_time = sorted(runs, key=lambda run: (run.started, run.id))
    ranked = [(run, line.rank(run)) for run in by_time]
    starts: list[float] = []
    newest: list[int] = []
    for run, rank in ranked:
        if rank is not None and (not newest or rank > newest[-1]):
            starts.append(run.started)
            newest.append(rank)

    def place(pair: tuple[Run, int | None]) -> int:
        run, rank = pair
        if rank is not None:
            return rank
        before = bisect.bisect_right(starts, run.started)
        return newest[before - 1] if before else -1

    return tuple(run for run, _rank in sorted(ranked, key=place))


def _line(commits: Commits, branch: str, tip: str, known: Iterable[str]) -> Line:
    ranks = _ranks(commits.line(tip))
    unplaced = {commit for commit in known if commit not in ranks}
    elsewhere = commits.within(unplaced) - commits.within(unplaced, tip) if unplaced else set()
    return Line(branch, ranks, frozenset(elsewhere))


def _ranks(steps: Sequence[Step]) -> dict[str, int]:
    """Give the places of commits and contents; of a content that came back, the newest."""
    ranks: dict[str, int] = {}
    for place, step in enumerate(reversed(steps)):
        ranks[step.tree] = place
        ranks[step.commit] = place
    return ranks
