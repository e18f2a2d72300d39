from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.engine.revisions.layout import Layout, layout_of, same_name

if TYPE_CHECKING:
    from pathlib import Path

SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
PROJECT = '[project]\nname = "My_Pkg"\n'


def layout(root: Path, **files: str) -> Layout:
    """Read a project whose files are named with "__" for a slash."""
    for name, text in files.items():
        file = root / name.replace("__", "/").replace("_toml", ".toml").replace("_cfg", ".cfg")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return layout_of(root)


def package(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").touch()


@pytest.mark.parametrize("name", ["My_Pkg", "my.pkg", "MY-PKG ", "my__pkg"])
def test_names_are_written_as_the_index_does(name: str) -> None:
    assert same_name(name) == "my-pkg"


def test_a_src_folder_holds_the_modules(tmp_path: Path) -> None:
    package(tmp_path, "src/pkg", "tests", "scripts")
    found = layout(tmp_path, pyproject_toml=SETUPTOOLS + PROJECT, src__one=".")
    assert found == Layout("my-pkg", ("src",), ("pkg",), "")


def test_a_flat_project_holds_packages_beside_other_things(tmp_path: Path) -> None:
    package(tmp_path, "pkg", "tests", "docs", "benchmarks", "types")
    for name in ("module.py", "setup.py", "conftest.py", "test_it.py", "not-one.py"):
        (tmp_path / name).touch()
    (tmp_path / "data").mkdir()
    assert layout(tmp_path).modules == ("module", "pkg")


def test_a_namespace_package_in_a_source_folder_counts(tmp_path: Path) -> None:
    package(tmp_path, "src/space/inner")
    (tmp_path / "src" / "pkg.egg-info").mkdir()
    assert layout(tmp_path).modules == ("space",)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject_toml", '[tool.setuptools.packages.find]\nwhere = ["code"]'),
        ("pyproject_toml", '[tool.setuptools]\npackage-dir = {"" = "code"}'),
        ("pyproject_toml", '[tool.maturin]\npython-source = "code"'),
        ("pyproject_toml", '[tool.pdm.build]\npackage-dir = "code"'),
        ("pyproject_toml", '[[tool.poetry.packages]]\ninclude = "pkg"\nfrom = "code"'),
        ("pyproject_toml", '[tool.hatch.build.targets.wheel]\npackages = ["code/pkg"]'),
        ("setup_cfg", "[options]\npackage_dir =\n    = code"),
        ("setup_cfg", "[options.packages.find]\nwhere = code"),
    ],
)
def test_a_named_source_folder_is_found(tmp_path: Path, file: str, text: str) -> None:
    package(tmp_path, "code/pkg")
    found = layout(tmp_path, **{file: text})
    assert (found.sources, found.modules) == (("code",), ("pkg",))


def test_a_source_folder_named_in_setup_py_is_found(tmp_path: Path) -> None:
    package(tmp_path, "code/pkg")
    (tmp_path / "setup.py").write_text("setup(package_dir={'': 'code'})", encoding="utf-8")
    found = layout_of(tmp_path)
    assert (found.sources, found.modules, found.built) == (("code",), ("pkg",), "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SETUPTOOLS, ""),
        ('[build-system]\nbuild-backend = "hatchling.build"', ""),
        ('[build-system]\nbuild-backend = "flit_core.buildapi"', ""),
        ('[build-system]\nbuild-backend = "poetry.core.masonry.api"', ""),
        ('[build-system]\nbuild-backend = "mesonpy"', "mesonpy builds it"),
        ('[build-system]\nbuild-backend = "maturin"', "maturin builds it"),
        ('[build-system]\nbuild-backend = "hatchling.build"\n[tool.hatch.build.hooks.mypyc]\nx = 1',
         "hatchling runs build hooks"),
        ('[build-system]\nbuild-backend = "hatchling.build"\n[tool.hatch.build.hooks.vcs]\nx = 1',
         ""),
        ('[build-system]\nbuild-backend = "own"\nbackend-path = ["."]',
         "it brings its own build backend"),
        ('[build-system]\nbuild-backend = "poetry.core.masonry.api"\n[tool.poetry]\nbuild = "b.py"',
         "poetry.core.masonry.api runs a build script"),
        (SETUPTOOLS + "[[tool.setuptools.ext-modules]]\nname = 'x'",
         "setuptools compiles extensions"),
        (SETUPTOOLS + "[tool.setuptools.package-dir]\npkg = 'lib'",
         "setuptools takes packages from folders of other names"),
        ("[tool.black]\nline-length = 100", ""),
    ],
)  # fmt: skip
def test_what_has_to_be_built_says_why(tmp_path: Path, text: str, why: str) -> None:
    assert layout(tmp_path, pyproject_toml=text).built == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("setup(packages=['pkg'])", ""),
        ("setup(ext_modules=[Extension('x', ['x.c'])])", "setuptools compiles extensions"),
        ("setup(ext_modules=cythonize('x.pyx'))", "setuptools compiles extensions"),
        ("setup(package_dir={'pkg': 'lib'})",
         "setuptools takes packages from folders of other names"),
    ],
)  # fmt: skip
def test_a_setup_py_is_read_for_what_it_compiles(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "setup.py").write_text(text, encoding="utf-8")
    assert layout_of(tmp_path).built == why


@pytest.mark.parametrize(
    "text",
    [
        '[tool.setuptools_scm]\nversion_file = "pkg/_version.py"',
        '[tool.hatch.build.hooks.vcs]\nversion-file = "pkg/_version.py"',
    ],
)
def test_files_that_a_build_writes_are_known(tmp_path: Path, text: str) -> None:
    assert layout(tmp_path, pyproject_toml=text).generated == ("pkg/_version.py",)


@pytest.mark.parametrize("text", ["[project", "\0", "[project]\nname = 1\n[tool]\nsetuptools = 1"])
def test_metadata_that_makes_no_sense_counts_as_none(tmp_path: Path, text: str) -> None:
    package(tmp_path, "pkg")
    assert layout(tmp_path, pyproject_toml=text, setup_cfg="x").modules == ("pkg",)
