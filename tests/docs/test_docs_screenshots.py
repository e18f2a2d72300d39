"""The pictures of a terminal show what the commands print today; `make screenshots` draws them."""

from __future__ import annotations

import os
import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from tools.pages import foreign
from tools.scenes import SCENES, keep_runs, played
from tools.terminal import DARK, LIGHT, Span, contrast, draw, spans

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
PICTURE = re.compile(r"!\[([^\]]*)\]\(((?:docs/)?images/[\w-]+\.svg)\)")
UPDATE = os.environ.get("PACELINE_UPDATE_SNAPSHOTS") == "1"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with recorded runs, in surroundings that say nothing."""
    folder = tmp_path_factory.mktemp("scenes")
    keep_runs(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PACELINE_")]:
            patch.delenv(name)
        yield folder


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
def test_a_picture_shows_what_the_command_prints(name: str, project: Path) -> None:
    drawn = draw(SCENES[name].title, played(SCENES[name], project))
    picture = IMAGES / f"{name}.svg"
    if UPDATE:
        picture.write_bytes(drawn.encode())
    assert drawn == picture.read_bytes().decode(), "make screenshots draws it anew"


def test_every_picture_is_a_scene_and_is_shown_with_words() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    shown = [one for page in pages for one in PICTURE.findall(page.read_text(encoding="utf-8"))]
    assert all(words for words, _ in shown)
    assert {Path(file).stem for _, file in shown} == {one.stem for one in IMAGES.iterdir()}
    assert {one.stem for one in IMAGES.iterdir()} == set(SCENES)


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_says_what_it_is_and_loads_nothing(name: str) -> None:
    text = (IMAGES / f"{name}.svg").read_text(encoding="utf-8")
    tree = ET.fromstring(text)  # noqa: S314  (we wrote it)
    assert tree.findtext(f"{SVG}title") == SCENES[name].title
    assert foreign(text, ".svg") == []


@pytest.mark.parametrize(("role", "scheme"), [*product(sorted({*LIGHT} - {"back"}), (LIGHT, DARK))])
def test_every_colour_stands_out_from_its_ground(role: str, scheme: dict[str, str]) -> None:
    least = 3.0 if role == "edge" else 4.5
    assert contrast(scheme[role], scheme["back"]) >= least


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_runs_of_characters_keep_their_columns_and_roles() -> None:
    assert spans("\x1b[31mLEAK    \x1b[0m a b  日本  c") == (
        Span(0, 4, "bad", "LEAK"),
        Span(9, 3, "text", "a b"),
        Span(14, 4, "text", "日本"),
        Span(20, 1, "text", "c"),
    )


def test_what_a_command_prints_can_break_no_picture() -> None:
    drawn = draw("<b>", "a </text><script> & ]]>")
    picture = ET.fromstring(drawn)  # noqa: S314  (as above)
    assert picture.findtext(f"{SVG}desc") == "a </text><script> & ]]>"
    assert [one.tag for one in picture.iter() if "script" in one.tag] == []
