from __future__ import annotations

import signal
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.revisions.conftest import User
    from tests.unit.engine.revisions.conftest import Repo

pytestmark = pytest.mark.slow

PROJECT = '[project]\nname = "pkg"\nversion = "1"\n'


def state(repo: Repo) -> dict[str, object]:
    """All that must stay as it is: files, index, references, worktrees, stashes."""
    files = {
        str(path): path.read_bytes()
        for path in sorted(repo.top.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
    said = [repo.git(*words) for words in (("worktree", "list"), ("stash", "list"))]
    return {**files, "said": said}


def wheel(folder: Path, version: str, *requires: str, name: str = "thing") -> Path:
    """Write a wheel with one module, as a build would."""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    texts = {
        f"{name}.py": f"VALUE = {version!r}\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    records = "".join(f"{path},,\n" for path in (*texts, f"{about}/RECORD"))
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in {**texts, f"{about}/RECORD": records}.items():
            archive.writestr(path, text)
    return file


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all the index there is."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder


def test_two_releases_of_one_package_stand_side_by_side(user: User, index: Path) -> None:
    for version in ("1.2", "1.3"):
        wheel(index, version)
    user.repo.commit(bench__test_it_py="", **{"thing.py": "VALUE = 'mine'\n"})
    sides = user.sides("thing==1.2", "thing==1.3", "thing")
    assert sides.values("thing") == ("1.2", "1.3")
    assert sides.doubts == ("", "")
    assert (sides.base["said"], sides.head["modules"]) == ("thing 1.2", ["thing"])
    assert (Path(sides.base["root"]) / "bench" / "test_it.py").exists()


def test_a_release_is_compared_with_the_working_tree(user: User, index: Path) -> None:
    wheel(index, "1.2")
    user.repo.write("pyproject.toml", PROJECT.replace("pkg", "thing"))
    user.repo.commit(**{"src/thing.py": "VALUE = 'mine'\n"})
    user.pip("--no-build-isolation", "--editable", ".")
    sides = user.sides("thing==1.2", None, "thing")
    assert (sides.values("thing"), sides.doubts) == (("1.2", "mine"), ("", ""))
    assert sides.base["notes"][-1].endswith("would hide the release: src/thing.py")


def test_a_release_brings_what_it_requires_and_the_current_packages_lack(
    user: User, index: Path
) -> None:
    wheel(index, "0.9", name="needed")
    file = wheel(index, "1.2", "needed")
    wheel(index, "1.3")
    user.repo.commit()
    sides = user.sides(f"thing @ {file}", "thing==1.3", "thing")
    assert sides.base["said"] == f"thing 1.2 ({file.name})"
    assert (sides.base["notes"], sides.head["notes"]) == (["packages of its own: needed 0.9"], [])


def test_a_release_that_does_not_exist_says_what_the_installer_said(
    user: User, index: Path
) -> None:
    user.repo.commit(**{"thing.py": ""})
    assert index.is_dir()
    with pytest.raises(RuntimeError, match=r"environment of base can't be built(.|\n)*thing==9"):
        user.sides("thing==9", None)


@pytest.mark.parametrize("locked", [True, False])
def test_sides_with_other_dependencies_have_them(user: User, index: Path, locked: bool) -> None:
    for version in ("1.2", "1.3"):
        wheel(index, version)
        user.repo.write("requirements.txt", f"thing=={version}\n" if locked else "")
        needs = f'dependencies = ["thing=={version}"]\n'
        user.repo.write("pyproject.toml", PROJECT + ("" if locked else needs))
        user.repo.write("pkg.py", f"VALUE = {version!r}\n")
        user.repo.commit()
    sides = user.sides("HEAD~1", None, "pkg", "thing")
    assert sides.values("thing") == sides.values("pkg") == ("1.2", "1.3")
    assert sides.doubts == ("", "")
    made_from = "requirements.txt" if locked else "pyproject.toml"
    assert sides.base["notes"][0].endswith(f"an environment was made from {made_from}")
    assert sides.base["notes"][1] == "packages of its own: thing 1.2"


def test_two_folders_are_compared_without_git(user: User, tmp_path: Path) -> None:
    for number, name in enumerate(("old", "new")):
        (tmp_path / name / "src" / "pkg").mkdir(parents=True)
        file = tmp_path / name / "src" / "pkg" / "__init__.py"
        file.write_text(f"VALUE = {number}\n", encoding="utf-8")
    user.repo.commit()
    sides = user.sides("../old", str(tmp_path / "new"), "pkg")
    assert (sides.values("pkg"), sides.doubts) == (("0", "1"), ("", ""))
    assert (sides.base["said"], sides.base["commit"]) == ("../old", "")


def test_one_folder_twice_is_one_side_that_may_load_its_own(user: User) -> None:
    user.repo.commit(**{"pkg.py": "VALUE = 1\n"})
    sides = user.sides(str(user.repo.top), str(user.repo.top), "pkg")
    assert sides.doubts == ("", "")
    assert sides.base["root"] == sides.head["root"]


@pytest.mark.parametrize("own", [True, False])
def test_the_heads_benchmarks_run_on_both_sides_unless_told_otherwise(
    user: User, own: bool
) -> None:
    user.repo.commit(**{"bench/test_it.py": "VALUE = 1\n", "pkg.py": "VALUE = 1\n"})
    user.repo.write("bench/test_it.py", "VALUE = 2\n")
    user.repo.write("pkg.py", "VALUE = 2\n")
    sides = user.sides(None, None, "pkg", benchmarks=["bench/test_it.py::test_a"], own=own)
    text = (Path(sides.base["root"]) / "bench" / "test_it.py").read_text(encoding="utf-8")
    assert (text, sides.values("pkg")) == (f"VALUE = {1 if own else 2}\n", ("1", "2"))


def test_editable_neighbours_in_one_repository_are_those_of_the_side(user: User) -> None:
    for name in ("one", "two"):
        user.repo.write(f"{name}/pyproject.toml", PROJECT.replace("pkg", name))
        user.repo.write(f"{name}/src/{name}/__init__.py", "VALUE = 1\n")
        user.pip("--no-build-isolation", "--editable", str(user.repo.top / name))
    user.repo.write(".gitignore", "*.egg-info\n")
    user.repo.commit()
    user.repo.write("two/src/two/__init__.py", "VALUE = 2\n")
    sides = user.sides(None, None, "one", "two", root=str(user.repo.top / "one"))
    assert (sides.values("two"), sides.doubts) == (("1", "2"), ("", ""))


def test_the_python_path_of_the_shell_leads_to_the_side(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.repo.commit(**{"code/pkg.py": "VALUE = 1\n"})
    user.repo.write("code/pkg.py", "VALUE = 2\n")
    more = {"PYTHONPATH": str(user.repo.top / "code")}
    monkeypatch.setattr(type(user), "environ", {**user.environ, **more})
    assert user.sides(None, None, "pkg").values("pkg") == ("1", "2")


def test_one_that_is_the_others_is_found_out(user: User) -> None:
    user.repo.write("src/pkg/__init__.py", "VALUE = 1\nimport sys, pkg.late\n")
    user.repo.write("src/pkg/late.py", "")
    user.repo.commit()
    hidden = f"__path__.insert(0, {str(user.repo.top / 'src' / 'pkg')!r})\n"
    user.repo.write("src/pkg/__init__.py", f"VALUE = 2\n{hidden}import pkg.late\n")
    base, head = user.sides(None, None, "pkg").doubts
    assert base == ""
    assert head.startswith("pkg.late was loaded from")


@pytest.fixture
def edited(user: User) -> User:
    """Someone whose tree has changes, staged ones, and a stash."""
    user.repo.commit(**{"pkg.py": "VALUE = 1\n", "bench/test_it.py": "1"})
    user.repo.write("pkg.py", "VALUE = 2\n")
    user.repo.write("bench/test_it.py", "2")
    user.repo.git("stash", "push", "--quiet", "--include-untracked")
    user.repo.git("stash", "apply", "--quiet")
    user.repo.git("add", "bench/test_it.py")
    return user


@pytest.mark.parametrize("kind", ["trees", "sides", "environments"])
def test_a_kill_in_the_middle_leaves_no_trace_and_the_next_run_goes_well(
    edited: User, kind: str
) -> None:
    before = state(edited.repo)
    python, flag, script, order = edited.command(None, None, "pkg")
    command = [python, flag, KILL.format(kind=kind) + script, order]
    killed = subprocess.run(command, env=edited.environ, cwd=edited.repo.top, check=False)
    half = [entry for entry in edited.cache.glob(f"*/{kind}/*") if not (entry / "whole").exists()]
    assert (killed.returncode, len(half)) == (-signal.SIGKILL, 1)
    assert state(edited.repo) == before
    sides = edited.sides(None, None, "pkg")
    assert (sides.values("pkg"), sides.doubts) == (("1", "2"), ("", ""))
    assert state(edited.repo) == before


# Dies when the marking of an entry of this kind begins: its content is there, but is it whole?
KILL = """
import os, pathlib, signal

def touch(path, touch=pathlib.Path.touch):
    if path.name == "whole" and path.parent.parent.name == "{kind}":
        os.kill(os.getpid(), signal.SIGKILL)
    touch(path)

pathlib.Path.touch = touch
"""


def test_files_stay_even_when_a_worker_writes_where_it_runs(user: User) -> None:
    user.repo.commit(**{"pkg.py": "open('written', 'w').close()\nVALUE = 1\n"})
    before = sorted(user.repo.top.iterdir())
    user.sides("HEAD", "HEAD", "pkg")
    assert sorted(user.repo.top.iterdir()) == before
