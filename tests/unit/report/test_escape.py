from __future__ import annotations

import pytest

from paceline.report.escape import ascii_only, csv_cell, elide, markdown, markdown_code, plain, xml


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tests/a.py::test_b[v2]", "tests/a.py::test_b[v2]"),
        ("test_名前", "test_名前"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31m\x00", "\\x1b[31m\\x00"),
        ("\x9b", "\\x9b"),
        ("\u202e\u200b", "\\u202e\\u200b"),
        ("\U000e0001\ud800", "\\U000e0001\\ud800"),
        ("::error::x", "\\::error::x"),
        ("  ::error::x", "  \\::error::x"),
        ("a ##[error] ##vso[x]", "a #\\#[error] #\\#vso[x]"),
        ("## heading", "## heading"),
    ],
)
def test_plain_spells_out_what_does_not_show(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"), [("1.02× ±3 …", "1.02x +/-3 .."), ("名", "\\u540d"), ("plain", "plain")]
)
def test_ascii_only_keeps_the_meaning(text: str, shown: str) -> None:
    assert ascii_only(text) == shown


@pytest.mark.parametrize(("text", "shown"), [("abcdef", "abcdef"), ("abcdefg", "ab…efg"), ("", "")])
def test_elide_keeps_start_and_end(text: str, shown: str) -> None:
    assert elide(text, 6) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("148 ms of 120 ms, 123 %", "148 ms of 120 ms, 123 %"),
        ("a_b _c", "a_b &#95;c"),
        ("a|b<c>", "a&#124;b&#60;c&#62;"),
        ("@all #1", "&#64;&#8203;all &#35;&#8203;1"),
        ("https://x", "https&#58;&#8203;//x"),
    ],
)
def test_markdown_prose_is_literal(text: str, shown: str) -> None:
    assert markdown(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("test_a[1]", "`test_a[1]`"),
        ("a`b", "<code>a&#96;b</code>"),
        ("a|b", "<code>a&#124;b</code>"),
        (" a", "<code> a</code>"),
        ("", ""),
    ],
)
def test_markdown_code_is_literal(text: str, shown: str) -> None:
    assert markdown_code(text) == shown


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a", '"a"'),
        ('say "a"', '"say ""a"""'),
        ("=1", '"\'=1"'),
        (" @x", '"\' @x"'),
        ("\uff0b1", '"\'\uff0b1"'),
        ("\tx", '"\'\\tx"'),
        ("", '""'),
    ],
)
def test_csv_cell_is_no_formula(text: str, cell: str) -> None:
    assert csv_cell(text) == cell


def test_xml_holds_no_markup() -> None:
    assert xml("<a b=\"c\" d='e'>&\x00") == ("&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\\x00")
