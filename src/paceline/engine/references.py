"""References: find the run that a person means, in the store and, beyond its names, in git."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from paceline.engine.commits import commits_of
from paceline.store.references import PERMALINK, NoSingleRunError, UnknownRunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from paceline.engine.commits import Commits, Step
    from paceline.model import Run
    from paceline.store.sqlite import Store

__all__ = ["DEEPEN", "Finder", "Found"]

DEEPEN = "git fetch --deepen 100 (in CI: fetch-depth: 0)"
"""What helps where the history was cut off when it was fetched."""
_NEAREST = re.compile(r"nearest(?::(.+))?")
_SHORT = 8  # digits of a run or a commit for people


class Found(NamedTuple):
    """A run, and what should be said about how it was found.

    ``hides`` says which other run a person may have meant, "" for none.
    """

    run: Run
    notes: tuple[str, ...] = ()
    hides: str = ""


class Finder:
    """Finds runs of a store; git is asked about the folder only where the store knows no answer."""

    def __init__(self, store: Store, folder: Path, environ: Mapping[str, str]) -> None:
        self._store = store
        self._folder = folder
        self._environ = environ

    @functools.cached_property
    def commits(self) -> Commits | None:
        """What git knows here, None outside a repository."""
        return commits_of(self._folder, self._environ)

    def find(self, reference: str, *, head: Run | None = None) -> Found:
        """Find what a reference means; ``head`` is the run that it is compared with.

        Raises:
            StoreError: nothing fits, or several do.
        """
        saved = {one.name: one.run for one in self._store.baselines()}
        nearest = _NEAREST.fullmatch(reference)
        if nearest and reference not in saved:
            return self._nearest(nearest[1] or "", head)
        besides = head.id if head else ""
        try:
            run = self._store.find(reference, besides=besides)
        except NoSingleRunError:
            raise
        except UnknownRunError as unknown:
            return self._revision(reference, unknown)
        if saved.get(reference) == run.id:
            return Found(run, hides=self._hidden(reference, run, besides))
        return Found(run)

    def _hidden(self, name: str, run: Run, besides: str) -> str:
        """Say that a baseline hides the branch of its name, where that would be another run."""
        try:
            hidden = self._store.find(f"{name}~0", besides=besides)
        except UnknownRunError:
            return ""
        if hidden.id == run.id:
            return ""
        return f"{name} is the baseline; the newest run of the branch is {name}~0"

    def _revision(self, reference: str, unknown: UnknownRunError) -> Found:
        """Find the newest run of a git revision, or else of the same content.

        Raises:
            StoreError: it is no revision, or has no run.
        """
        plain = reference.strip() and not reference.startswith(PERMALINK)
        commits = self.commits if plain else None
        commit = commits.commit_of(reference) if commits else ""
        if commits is None or not commit:
            cut = bool(commits and commits.shallow)
            remedy = f"{unknown.remedy}; the history here is cut short: {DEEPEN}" if cut else ""
            raise UnknownRunError(unknown.problem, remedy=remedy or unknown.remedy)
        try:
            return Found(self._store.find(commit))
        except UnknownRunError:
            return self._same_content(reference, commit, commits.tree_of(commit))

    def _same_content(self, reference: str, commit: str, tree: str) -> Found:
        runs = self._store.runs(complete_only=True, measured_only=True)
        run = next((run for run in runs if tree and run.tree == tree), None)
        said = _said(reference, commit)
        if run is None:
            raise UnknownRunError(
                f"there is no run of {said}, nor of its content",
                remedy="check it out and record one: paceline run",
            )
        return Found(run, (_same(said, run),))

    def _nearest(self, branch: str, head: Run | None) -> Found:
        """Find the newest run of the nearest ancestor, on hosts of the head's kind.

        Raises:
            StoreError: there is none.
        """
        head = head or self._store.find("latest")
        runs = self._store.runs(complete_only=True, measured_only=True)
        fitting = [run for run in runs if run.id != head.id and run.host.kind == head.host.kind]
        earlier = [run for run in fitting if run.started <= head.started and not run.dirty]
        commits = self.commits
        if commits is None:
            named = [run for run in earlier if run.branch == branch] if branch else earlier
            return _newest(named, "there is no git repository here to tell ancestors by")
        found, tip = _ancestor(commits, head, branch or commits.main, fitting)
        if found is not None:
            return found
        if not commits.shallow:
            target = f" on {branch or commits.main}" if branch or commits.main else ""
            raise UnknownRunError(
                f"no commit before {tip[:_SHORT]}{target} has a clean, complete run on such a host",
                remedy="record one on the branch that changes are made for: paceline run",
            )
        names = (branch,) if branch else (*commits.targets, head.branch)
        named = [run for name in names for run in earlier if run.branch == name]
        return _newest(
            named,
            f"the history here is cut short, so nobody can say whether it is an ancestor: {DEEPEN}",
        )


def _ancestor(
    commits: Commits, head: Run, target: str, runs: Iterable[Run]
) -> tuple[Found | None, str]:
    """Find the run of the nearest ancestor of a head, whose commit comes with it.

    A head that git does not know stands at what is checked out.
    """
    tip = commits.commit_of(head.commit) if head.commit else ""
    tip, dirty = (tip, head.dirty) if tip else (commits.head, False)
    fork = commits.fork(tip, target) if target else "" if commits.shallow else tip
    return (_first(_before(commits, fork, tip, dirty=dirty), runs) if fork else None), tip


def _before(commits: Commits, fork: str, tip: str, *, dirty: bool) -> Sequence[Step]:
    """List where to look: from the fork back, without the tip itself unless it was changed."""
    steps = commits.line(fork)
    return steps[1:] if fork == tip and not dirty else steps


def _first(steps: Iterable[Step], runs: Iterable[Run]) -> Found | None:
    """Find the newest clean run of the first commit that has one, by its id or its content."""
    by_commit: dict[str, Run] = {}
    by_tree: dict[str, Run] = {}
    for run in runs:
        if not run.dirty:
            by_commit.setdefault(run.commit, run)
            by_tree.setdefault(run.tree, run)
    for step in steps:
        if step.commit in by_commit:
            return Found(by_commit[step.commit])
        if step.tree in by_tree:
            run = by_tree[step.tree]
            return Found(run, (_same(_said("", step.commit), run),))
    return None


def _newest(runs: Sequence[Run], why: str) -> Found:
    """Take the newest run where ancestors are not known, and say so.

    Raises:
        StoreError: there is none.
    """
    if not runs:
        raise UnknownRunError("no earlier run fits 'nearest'", remedy=why)
    run = runs[0]
    of = f" of {run.branch}" if run.branch else ""
    return Found(run, (f"nearest is run {run.id[:_SHORT]}, the newest{of}: {why}",))


def _same(said: str, run: Run) -> str:
    return (
        f"{said} has no run: run {run.id[:_SHORT]} has the same content"
        f" (as {run.commit[:_SHORT]}: rebased, amended or squashed)"
    )


def _said(reference: str, commit: str) -> str:
    short = commit[:_SHORT]
    return f"{reference} ({short})" if reference and not commit.startswith(reference) else short
