"""Runs on branches, in real repositories: merged, squashed, rebased, amended, cut short."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from paceline.cli import main
from paceline.engine.history import compared_with
from paceline.engine.references import Finder
from paceline.errors import StoreError
from paceline.model import METRICS, Case, Host, Measurement, Run, RunId
from paceline.probes.repository import BRANCHES, observe_revision
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from pathlib import Path

    from paceline.engine.judgement import Compared

pytestmark = pytest.mark.slow

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")
START = 1_767_225_600.0  # 2026-01-01 00:00 UTC
ENVIRON = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


@dataclass(slots=True)
class Checkout:
    """A checkout with a store; each run is a day after the last."""

    root: Path
    capsys: pytest.CaptureFixture[str]
    days: int = 0

    @property
    def store(self) -> Store:
        return Store(self.root / ".paceline" / "paceline.sqlite", clock=lambda: START)

    def git(self, *words: str) -> str:
        command = ["git", "-C", str(self.root), "-c", "protocol.file.allow=always", *words]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, text: str, message: str = "change") -> str:
        """Commit a file of that name and text."""
        (self.root / f"{text}.txt").write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def record(self, name: str, factor: float = 1.0, **facts: Any) -> Run:
        """Record a run of what is checked out, of 20 values near ``factor`` milliseconds."""
        seen = observe_revision(self.root)
        told = {"commit": seen.commit, "branch": seen.branch, "tree": seen.tree}
        given: dict[str, Any] = {"host": HOST, "dirty": seen.dirty, **told, **facts}
        run = Run(RunId(name * 8), START + self.days * 86_400, complete=True, **given)
        self.days += 1
        values = tuple(1e-3 * factor * (1 + (at * 7 % 20 - 9.5) / 1000) for at in range(20))
        self.store.begin(run)
        case = Case("tests/test_a.py::test_one")
        self.store.append(run.id, [Measurement(case, METRICS["wall_time"], values)])
        self.store.finish(run)
        return run

    def grown(self, name: str, factor: float = 1.0) -> str:
        """Commit and record."""
        commit = self.commit(name)
        self.record(name, factor)
        return commit

    def paceline(self, *words: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        return main(words), *self.capsys.readouterr()

    def base(self, reference: str) -> str:
        """Compare with a reference and give the base's initial and what was noted."""
        status, out, err = self.paceline("compare", reference, "--json", "--threshold", "1000%")
        return json.loads(out)["base"]["id"][0] if status == 0 else err

    def points(self, *words: str) -> str:
        """Give the initials of a series, the newest first."""
        out = json.loads(self.paceline("history", "test_one", "--json", *words)[1])
        return "".join(one["run"]["id"][0] for one in out["points"])

    def plugin_base(self, reference: str, head: Run) -> Compared:
        return compared_with(self.store, reference, root=self.root, head=head)


@pytest.fixture
def here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Checkout:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    for name in BRANCHES:
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    (root / "pyproject.toml").write_text("[tool.paceline]\n", encoding="utf-8")
    (root / ".gitignore").write_text(".paceline\n", encoding="utf-8")
    checkout = Checkout(root, capsys)
    checkout.git("init", "--quiet", "--initial-branch=main")
    return checkout


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("forked") / "project"


@pytest.fixture
def forked(here: Checkout, kept: Path) -> Checkout:
    """Main with runs a, b and d; a feature branch with c and e left it at b and is checked out."""
    if kept.exists():  # made once for all tests
        shutil.copytree(kept, here.root, dirs_exist_ok=True)
        here.days = 5
        return here
    for branch, names in (("main", "ab"), ("feature", "c"), ("main", "d"), ("feature", "e")):
        if names == "c":
            here.git("branch", "feature")
        if names != "ab":
            here.git("switch", "--quiet", branch)
        for name in names:
            here.grown(name)
    shutil.copytree(here.root, kept)
    return here


def shallow(here: Checkout, target: Path, depth: int = 1, branch: str = "feature") -> Checkout:
    """Clone with a history that is cut short, and take the store along."""
    here.git("switch", "--quiet", "main")  # as on a server
    words = ("clone", "--quiet", f"--depth={depth}", f"--branch={branch}", "--single-branch")
    here.git(*words, f"file://{here.root}", str(target))
    (here.root / ".paceline").rename(target / ".paceline")
    os.chdir(target)
    return Checkout(target, here.capsys, here.days)


@pytest.mark.parametrize(
    ("reference", "base"),
    [
        ("main", "d"),
        ("main~1", "b"),
        ("feature", "c"),  # the head is no base of itself
        ("feature~0", "c"),
        ("HEAD~1", "c"),
        ("main^", "b"),
        ("v1", "a"),
        ("nearest", "b"),
        ("nearest:main", "b"),
        ("nearest:v1", "a"),
        ("nearest:main~1", "b"),
    ],
)
def test_branches_tags_and_revisions_name_runs(forked: Checkout, reference: str, base: str) -> None:
    forked.git("tag", "v1", "main~2")
    assert forked.base(reference) == base


def test_a_baseline_goes_before_the_branch_of_its_name_and_says_so(forked: Checkout) -> None:
    forked.paceline("baseline", "save", "main", "--run", "aaaa")
    status, out, err = forked.paceline("compare", "main", "--json")
    assert (status, json.loads(out)["base"]["id"][0]) == (0, "a")
    assert "main is the baseline; the newest run of the branch is main~0" in err
    assert forked.base("main~0") == "d"


def test_on_the_main_branch_the_nearest_is_the_commit_before_or_its_own_when_changed(
    forked: Checkout,
) -> None:
    forked.git("switch", "--quiet", "main")
    forked.grown("f")
    forked.record("r")  # the same commit again: nothing to learn from
    assert forked.base("nearest") == "d"
    (forked.root / "a.txt").write_text("changed", encoding="utf-8")
    assert forked.record("g").dirty
    assert forked.base("nearest") == "r"


def test_commits_without_a_run_and_changed_trees_are_passed_over(forked: Checkout) -> None:
    forked.git("switch", "--quiet", "main")
    (forked.root / "a.txt").write_text("changed", encoding="utf-8")
    forked.record("x")
    forked.git("restore", ".")
    forked.commit("unmeasured")
    forked.grown("f")
    assert forked.base("nearest") == "d"


def test_the_nearest_run_is_on_a_comparable_host(forked: Checkout) -> None:
    other = Host("Other", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")
    forked.record("f", host=other)
    assert "no commit before" in forked.base("nearest")
    forked.git("switch", "--quiet", "--detach", "main~2")
    forked.record("g", host=other)
    forked.git("switch", "--quiet", "feature")
    forked.record("h", host=other)
    assert forked.base("nearest") == "g"


def test_an_amended_message_keeps_the_run(here: Checkout) -> None:
    here.grown("a")
    here.grown("b")
    here.git("commit", "--quiet", "--amend", "--message", "better said")
    here.grown("c")
    assert here.base("HEAD~1") == "b"
    assert "bbbbbbbb has the same content" in here.paceline("compare", "HEAD~1")[2]
    assert here.points() == "cba"


def test_a_rebased_run_stays_with_its_branch_and_bears_a_star(forked: Checkout) -> None:
    forked.git("rebase", "--quiet", "main")
    forked.record("f")
    listed = forked.paceline("history")[1]
    starred = [line[0] for line in listed.splitlines() if "* " in line and line[0] != "*"]
    assert starred == ["e", "c"]
    assert "* nothing leads to this commit any more" in listed
    assert forked.points() == "fedcba"


def test_a_force_pushed_branch_compares_with_where_it_leaves_main_now(forked: Checkout) -> None:
    forked.git("rebase", "--quiet", "main")
    forked.record("f")
    assert forked.base("nearest") == "d"
    _status, out, err = forked.paceline("compare", "cccc")
    assert "git doesn't hold" not in err
    assert "base is no ancestor of head: 1 commit only in base, 3 commits only in head" in out


def test_a_squashed_branch_counts_for_main_by_its_content(forked: Checkout) -> None:
    forked.git("switch", "--quiet", "main")
    forked.git("reset", "--quiet", "--hard", "main~1")
    forked.git("merge", "--quiet", "--squash", "feature")
    forked.git("commit", "--quiet", "--message", "squashed")
    assert forked.points()[0] == "e"
    forked.grown("f")
    assert forked.base("nearest") == "e"


def test_a_merged_branch_is_no_part_of_main(forked: Checkout) -> None:
    forked.git("switch", "--quiet", "main")
    forked.git("merge", "--quiet", "--no-ff", "--message", "merged", "feature")
    forked.record("f")
    assert forked.points() == "fdba"
    assert "2 more on other branches: --all-branches" in forked.paceline("history", "test_one")[1]
    assert forked.points("--all-branches") == "fedcba"
    assert forked.points("--branch", "feature") == "ec"


def test_a_series_shows_this_line_and_the_main_one(forked: Checkout) -> None:
    assert forked.points() == "edcba"
    forked.git("switch", "--quiet", "main")
    assert forked.points() == "dba"


def test_change_points_do_not_mix_branches(here: Checkout) -> None:
    here.commit("first")
    here.git("branch", "slow")
    for branch, names, factor in (("main", "abcdef", 1.0), ("slow", "ghijkl", 2.0)):
        here.git("switch", "--quiet", branch)
        for at, name in enumerate(names):
            here.grown(name, factor + at % 2 / 500)
    for words in ((), ("--branch", "main"), ("--branch", "slow")):
        out = json.loads(here.paceline("history", "test_one", *words, "--json")[1])
        assert out["change_points"] == []
    out = json.loads(here.paceline("history", "test_one", "--all-branches", "--json")[1])
    assert (len(out["points"]), out["change_points"]) == (12, [])


def test_a_level_that_came_with_a_branch_is_a_step_of_it(here: Checkout) -> None:
    for name in "abcdef":
        here.grown(name, 1.0 + (name in "bdf") / 500)
    here.git("switch", "--quiet", "--create", "slow")
    for name in "ghijkl":
        here.grown(name, 2.0 + (name in "hjl") / 500)
    for branch, steps in (("slow", ["g"]), ("main", [])):
        here.git("switch", "--quiet", branch)
        out = json.loads(here.paceline("history", "test_one", "--json")[1])
        assert [one["first"]["id"][0] for one in out["change_points"]] == steps


def test_a_commit_that_is_measured_late_stands_where_it_was_written(here: Checkout) -> None:
    here.commit("first")
    for at, name in enumerate("abcdefghij"):
        here.commit(name)
        if name != "c":
            here.record(name, 1.0 if at < 5 else 2.0)
    here.git("switch", "--quiet", "--detach", "main~7")
    here.record("c")
    here.git("switch", "--quiet", "main")
    assert here.points() == "jihgfedcba"
    here.paceline("history", "test_one", "--triage", "ffffffff=expected")
    (point,) = json.loads(here.paceline("history", "test_one", "--json")[1])["change_points"]
    assert (point["first"]["id"][0], point["state"]) == ("f", "expected")


def test_a_shallow_clone_falls_back_by_name_and_says_that_it_is_not_sure(
    forked: Checkout, tmp_path: Path
) -> None:
    clone = shallow(forked, tmp_path / "clone")
    clone.grown("f")
    status, out, err = clone.paceline("compare", "nearest", "--json")
    assert (status, json.loads(out)["base"]["id"][0]) == (0, "d")
    assert "the newest of main" in err
    assert "git fetch --deepen 100 (in CI: fetch-depth: 0)" in err
    assert clone.points() == "fec"
    assert "*" not in clone.paceline("history")[1]


def test_a_shallow_clone_that_reaches_a_run_is_sure(forked: Checkout, tmp_path: Path) -> None:
    forked.git("switch", "--quiet", "main")
    forked.grown("f")
    clone = shallow(forked, tmp_path / "clone", depth=2, branch="main")
    assert clone.base("nearest") == "d"


def test_a_detached_head_is_on_the_line_of_its_commits(forked: Checkout) -> None:
    forked.git("switch", "--quiet", "--detach", "feature")
    forked.record("f")
    assert forked.base("nearest") == "b"
    assert forked.points() == "fedcba"


def test_a_build_machine_names_the_branch_of_a_detached_head(
    forked: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    forked.git("switch", "--quiet", "--detach", "feature")
    monkeypatch.setenv("GITHUB_HEAD_REF", "feature")
    assert observe_revision(forked.root, os.environ).branch == "feature"
    monkeypatch.setenv("GITHUB_REF_TYPE", "tag")
    assert observe_revision(forked.root, os.environ).branch == ""


def test_the_relation_of_two_commits_is_said(forked: Checkout) -> None:
    said = forked.paceline("compare", "HEAD~1")[1]
    assert "base is an ancestor of head, 1 commit before it" in said
    found = json.loads(forked.paceline("compare", "main", "--json")[1])["relation"]
    assert found == {"ancestor": False, "only_in_base": 1, "only_in_head": 2}
    assert "the same commit" in forked.paceline("compare", "latest")[1]


def test_a_changed_tree_is_said_beside_the_comparison(forked: Checkout) -> None:
    (forked.root / "a.txt").write_text("changed", encoding="utf-8")
    forked.record("f")
    err, commit = forked.paceline("compare", "HEAD")[2], forked.git("rev-parse", "HEAD")
    assert f"the head was measured with local changes to commit {commit[:7]}" in err
    assert forked.base("HEAD") == "e"


def test_a_commit_that_nobody_holds_is_said(forked: Checkout) -> None:
    forked.record("f", commit="c0ffee" * 6 + "c0ff")
    assert "git doesn't hold the head's commit c0ffeec" in forked.paceline("compare", "main")[2]


def test_an_empty_store_has_no_nearest_run(here: Checkout) -> None:
    here.commit("a")
    assert here.paceline("compare", "nearest")[0] == 14
    assert here.paceline("history")[1].startswith("no runs yet")


def test_the_first_run_passes_with_a_note_and_later_ones_find_their_base(here: Checkout) -> None:
    here.commit("a")
    first = here.plugin_base("nearest", here.record("a"))
    assert first.recorded is None
    assert "no commit before" in first.notes[0]
    here.commit("b")
    second = here.plugin_base("nearest", here.record("b"))
    assert second.recorded is not None
    assert second.recorded.run.id == "a" * 8


def test_outside_git_the_nearest_is_the_newest(here: Checkout) -> None:
    here.grown("a")
    (here.root / ".git").rename(here.root / "gone")
    here.record("b", commit="")
    status, out, err = here.paceline("compare", "nearest", "--json")
    assert (status, json.loads(out)["base"]["id"][0]) == (0, "a")
    assert "there is no git repository here" in err


def test_a_word_that_git_does_not_know_either_is_met_with_near_names(forked: Checkout) -> None:
    status, _out, err = forked.paceline("compare", "feature-x")
    assert (status, "did you mean 'feature'?" in err) == (14, True)
    assert forked.paceline("compare", "HEAD~9")[0] == 14


def test_a_pipeline_compares_with_the_nearest_ancestor(here: Checkout) -> None:
    (here.root / "test_it.py").write_text("def test_it(benchmark):\n    benchmark(int)\n")
    words = ("-m", "pytest", "-q", "--paceline", "--paceline-baseline", "nearest")
    command = [sys.executable, *words, "-p", "no:cacheprovider", "--benchmark-max-time", "0.02"]
    said = []
    for name in ("a", "b"):
        here.commit(name)
        done = subprocess.run(command, cwd=here.root, capture_output=True, text=True, check=False)
        said.append(done.stdout)
    assert "baseline nearest (no run yet)" in said[0]
    assert "no commit before" in said[0]
    before = here.git("rev-parse", "--short=7", "HEAD~1")
    assert f"baseline nearest@{before}" in said[1]


@pytest.mark.parametrize("commit", ["", "--output=x", "HEAD", "a\nb"])
def test_a_stored_text_that_is_no_commit_is_never_taken_for_one(
    forked: Checkout, commit: str
) -> None:
    forked.record("f", commit=commit, tree="")
    assert json.loads(forked.paceline("compare", "eeee", "--json")[1])["relation"] is None
    assert forked.paceline("history", "test_one")[0] == 0


def test_where_ancestors_are_not_known_only_earlier_clean_runs_stand_in(
    forked: Checkout, tmp_path: Path
) -> None:
    clone = shallow(forked, tmp_path / "clone")
    clone.grown("f")
    clone.record("x", branch="main", dirty=True)
    clone.record("y", branch="main")
    status, out, _err = clone.paceline("compare", "nearest", "ffff", "--json")
    assert (status, json.loads(out)["base"]["id"][0]) == (0, "d")


def test_a_run_whose_commit_went_to_another_branch_goes_with_it(here: Checkout) -> None:
    here.grown("a")
    here.grown("b")
    here.git("branch", "kept")
    here.git("reset", "--quiet", "--hard", "HEAD~1")
    here.grown("c")
    assert here.points() == "ca"
    assert here.points("--all-branches") == "cba"


@pytest.mark.parametrize(
    "word",
    [
        *("", " ", "-h", "--all", "^HEAD", "HEAD:a.txt", "@{-9}", "*", "main:", "refs/../x"),
        *("a\0b", "\udc80", "x" * 5000, "nearest:", "nearest:-h", "nearest:nowhere", "run:zz", "~"),
    ],
)
def test_an_odd_word_is_a_run_that_is_not_there(forked: Checkout, word: str) -> None:
    with pytest.raises(StoreError):
        Finder(forked.store, forked.root, os.environ).find(word)
