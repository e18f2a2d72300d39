from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.revisions.conftest import Sides, User
    from tests.unit.engine.revisions.conftest import Repo

pytestmark = pytest.mark.slow

SETUPTOOLS = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "pkg"
version = "1.0"
"""
MESON = """
[build-system]
requires = ["meson-python"]
build-backend = "mesonpy"
[project]
name = "pkg"
version = "1.0"
"""
MESON_BUILD = """
project('pkg', 'c', version: '1.0')
py = import('python').find_installation(pure: false)
py.install_sources('src/pkg/__init__.py', subdir: 'pkg')
py.extension_module('_fast', 'src/pkg/_fast.c', install: true, subdir: 'pkg')
"""
SETUP = """
from setuptools import Extension, setup
setup(ext_modules=[Extension("pkg._fast", ["pkg/_fast.c"])], packages=["pkg"])
"""
C = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_fast", NULL, -1, NULL};
PyMODINIT_FUNC PyInit__fast(void) {
    PyObject *made = PyModule_Create(&module);
    PyModule_AddIntConstant(made, "VALUE", NUMBER);
    return made;
}
"""


def python_project(repo: Repo, folder: str) -> None:
    repo.write("pyproject.toml", SETUPTOOLS)
    repo.write(f"{folder}pkg/__init__.py", "VALUE = 1\n")
    repo.commit()
    repo.write(f"{folder}pkg/__init__.py", "VALUE = 2\n")


def compiled_project(repo: Repo, folder: str, **files: str) -> None:
    for name, text in files.items():
        repo.write(name.replace("_", "."), text)
    repo.write(f"{folder}pkg/__init__.py", "VALUE = 1\n")
    repo.write(f"{folder}pkg/_fast.c", C.replace("NUMBER", "1"))
    repo.write(".gitignore", "build\n*.so\n*.egg-info\n")
    repo.commit()
    repo.write(f"{folder}pkg/_fast.c", C.replace("NUMBER", "2"))


def trusted(sides: Sides) -> bool:
    """Tell whether both sides loaded their own code and the Paceline that prepared them."""
    return sides.doubts == ("", "") and sides.base["paceline"] == sides.head["paceline"]


@pytest.mark.parametrize("folder", ["", "src/"])
@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_an_editable_installation_by_setuptools_does_not_win(
    user: User, folder: str, mode: str
) -> None:
    python_project(user.repo, folder)
    user.pip(
        "--no-build-isolation", "--config-settings", f"editable_mode={mode}", "--editable", "."
    )
    sides = user.sides(None, None, "pkg")
    assert sides.values("pkg") == ("1", "2")
    assert trusted(sides)


def test_without_any_installation_each_side_still_has_its_own(user: User) -> None:
    python_project(user.repo, "src/")
    sides = user.sides(None, None, "pkg")
    assert sides.values("pkg") == ("1", "2")
    assert trusted(sides)


def test_an_installed_copy_of_the_project_does_not_win(user: User) -> None:
    python_project(user.repo, "src/")
    user.pip("--no-build-isolation", ".")
    sides = user.sides(None, None, "pkg")
    assert sides.values("pkg") == ("1", "2")
    assert trusted(sides)


@pytest.mark.usefixtures("compiler")
def test_an_editable_installation_by_meson_does_not_win(user: User) -> None:
    compiled_project(user.repo, "src/", pyproject_toml=MESON, meson_build=MESON_BUILD)
    user.pip("--no-build-isolation", "--editable", ".")
    sides = user.sides(None, None, "pkg", "pkg._fast")
    assert sides.values("pkg._fast") == ("1", "2")
    assert trusted(sides)


@pytest.mark.usefixtures("compiler")
def test_a_c_extension_is_built_for_each_side_of_a_flat_project(user: User) -> None:
    compiled_project(user.repo, "", pyproject_toml=SETUPTOOLS, setup_py=SETUP)
    user.pip("--no-build-isolation", "--editable", ".")
    sides = user.sides(None, None, "pkg", "pkg._fast")
    assert sides.values("pkg._fast") == ("1", "2")
    assert trusted(sides)


def test_a_package_in_a_folder_of_another_name_is_built_and_known(user: User) -> None:
    script = "from setuptools import setup\nsetup(name='pkg', version='1', packages=['pkg'], "
    user.repo.write("setup.py", f"{script}package_dir={{'pkg': 'code'}})\n")
    user.repo.write("code/__init__.py", "VALUE = 1\n")
    user.repo.commit()
    user.repo.write("code/__init__.py", "VALUE = 2\n")
    sides = user.sides(None, None, "pkg")
    assert (sides.values("pkg"), sides.head["modules"]) == (("1", "2"), ["pkg"])
    assert trusted(sides)


@pytest.mark.usefixtures("compiler")
def test_a_build_that_fails_says_whose_and_what_the_compiler_said(user: User) -> None:
    compiled_project(user.repo, "", pyproject_toml=SETUPTOOLS, setup_py=SETUP)
    user.repo.write("pkg/_fast.c", "#error out of order\n")
    with pytest.raises(RuntimeError, match=r"the head side, working tree .* can't be built"):
        user.sides(None, None)


def test_a_version_file_that_git_ignores_comes_along(user: User) -> None:
    python_project(user.repo, "")
    more = '[tool.setuptools_scm]\nversion_file = "pkg/_version.py"\n'
    user.repo.write("pyproject.toml", SETUPTOOLS + more)
    user.repo.write("pkg/__init__.py", "from pkg._version import VALUE\n")
    user.repo.commit()
    user.repo.write("pkg/_version.py", "VALUE = 3\n")
    user.repo.write(".gitignore", "_version.py\n")
    sides = user.sides("HEAD", None, "pkg")
    assert sides.values("pkg") == ("3", "3")
    assert trusted(sides)
