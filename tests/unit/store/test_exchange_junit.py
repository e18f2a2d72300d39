from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.errors import Place, StoreError
from paceline.model import METRICS, Case
from paceline.store.exchange.junit import read_junit

if TYPE_CHECKING:
    from paceline.store.exchange import RunDocument

PLACE = Place("junit.xml")
FILES = frozenset({"tests/test_a.py", "tests/Util/test_b.py"})


def read(text: str | bytes) -> RunDocument:
    data = text if isinstance(text, bytes) else text.encode()
    return read_junit(data, PLACE, is_file=FILES.__contains__)


def suite(*testcases: str, attributes: str = 'name="pytest"') -> str:
    inside = "\n".join(testcases)
    return f"<testsuites>\n<testsuite {attributes}>\n{inside}\n</testsuite>\n</testsuites>"


def case(inside: str = "", **attributes: str) -> str:
    given = {"classname": "tests.test_a", "name": "test_it", "time": "0.5", **attributes}
    said = " ".join(f'{name}="{value}"' for name, value in given.items())
    return f"<testcase {said}>{inside}</testcase>"


def node_id(suite_name: str = "pytest", **attributes: str) -> str:
    (found,) = read(suite(case(**attributes), attributes=f'name="{suite_name}"')).resources
    return found.case.node_id


def test_a_report_gives_times_outcomes_start_and_the_whole_time() -> None:
    told = 'name="pytest" time="1.25" timestamp="2026-01-01T00:00:00+00:00"'
    document = read(
        suite(case(), case("<failure/>", name="test_other", time="0.25"), attributes=told)
    )
    assert document.run.started == 1_767_225_600.0
    assert [(one.case.node_id, one.figure("test_time")) for one in document.resources] == [
        ("tests/test_a.py::test_it", 0.5),
        ("tests/test_a.py::test_other", 0.25),
    ]
    assert [one.turn.outcome for one in document.resources] == ["passed", "failed"]
    (whole,) = document.measurements
    assert (whole.case, whole.metric, whole.values) == (Case("run"), METRICS["run_time"], (1.25,))


@pytest.mark.parametrize(
    ("inside", "outcome"),
    [
        ("", "passed"),
        ('<failure message="x">text</failure>', "failed"),
        ("<error/>", "error"),
        ('<skipped type="pytest.skip"/>', "skipped"),
        ('<skipped type="pytest.xfail"/>', "xfailed"),
        ("<rerunFailure/><system-out>failure</system-out>", "passed"),
    ],
)
def test_elements_inside_a_testcase_say_how_it_ended(inside: str, outcome: str) -> None:
    (record,) = read(suite(case(inside))).resources
    assert record.turn.outcome == outcome


def test_a_case_that_did_not_run_is_skipped() -> None:
    (record,) = read(suite(case(status="notrun"))).resources
    assert record.turn.outcome == "skipped"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("0.5", 0.5), ("1,234.5", 1234.5), ("0,25", 0.25), ("1,234,567", 1234567.0)),
        *((" 2 ", 2.0), ("1.5e-05", 1.5e-5), (".5", 0.5)),
    ],
)
def test_times_are_read_with_points_and_commas(text: str, seconds: float) -> None:
    (record,) = read(suite(case(time=text))).resources
    assert record.figure("test_time") == seconds


@pytest.mark.parametrize("text", ["", "-0.5"])
def test_a_time_that_is_missing_or_negative_is_unsure(text: str) -> None:
    (record,) = read(suite(case(time=text))).resources
    assert record.figure("test_time") is None
    assert record.unsure == (("test_time", "the file gives no time"),)


def test_of_a_test_that_ran_again_the_last_attempt_stands() -> None:
    (record,) = read(suite(case("<failure/>"), case(time="0.75"))).resources
    assert (record.figure("test_time"), record.turn.outcome) == (0.75, "passed")
    assert record.turn.attempt == 2


def test_the_file_attribute_tells_where_a_path_ends() -> None:
    given = {"classname": "pkg.Sub.test_c.TestX", "file": "pkg/Sub/test_c.py"}
    assert node_id(**given) == "pkg/Sub/test_c.py::TestX::test_it"
    assert node_id(classname="", file="pkg/test_c.py") == "pkg/test_c.py::test_it"


def test_a_test_inherited_from_another_file_is_found_by_the_projects_files() -> None:
    given = {"classname": "tests.Util.test_b.TestX", "file": "shared/checks.py"}
    assert node_id(**given) == "tests/Util/test_b.py::TestX::test_it"


def test_without_files_the_first_capital_at_the_end_begins_a_class() -> None:
    found = node_id(classname="pkg.test_c.TestX.TestY", name="test_it[a.b::c]")
    assert found == "pkg/test_c.py::TestX::TestY::test_it[a.b::c]"
    assert node_id(classname="TestX") == "TestX.py::test_it"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"classname": "com.example.ScoreTest"}, "com.example.ScoreTest::test_it"),
        ({"classname": ""}, "test_it"),
        ({"classname": "a", "name": ""}, "a"),
    ],
)
def test_names_of_other_writers_stay_as_they_are(given: dict[str, str], found: str) -> None:
    assert node_id("Surefire", **given) == found


def test_a_report_of_another_language_is_read_without_its_own_elements() -> None:
    document = read(
        '<testsuite xmlns:xsi="urn:example" name="com.example.AppTest"'
        ' time="1,234.067"><properties><property name="java.version" value="17"/></properties>'
        '<testcase name="testIt" classname="com.example.AppTest" time="1,234.021">'
        "<system-out><![CDATA[<failure/>]]></system-out></testcase></testsuite>"
    )
    (record,), (whole,) = document.resources, document.measurements
    assert record.case.node_id == "com.example.AppTest::testIt"
    assert (record.figure("test_time"), record.turn.outcome) == (1234.021, "passed")
    assert whole.values == (1234.067,)


def test_our_properties_come_back_as_summaries() -> None:
    figures: dict[str, object] = {
        "mean": 2.0,
        "median": 1.5,
        "min": 1.0,
        "stddev": 0.5,
        "rounds": 9,
        "warmup": 3,
    }
    pairs: dict[str, object] = {
        f"paceline.wall_time.{name}": value for name, value in figures.items()
    }
    pairs |= {"paceline.wall_time.unit": "s", "paceline.wall_time.status": "unsure", "other": "x"}
    said = "".join(f'<property name="{name}" value="{one}"/>' for name, one in pairs.items())
    (found,) = read(suite(case(f"<properties>{said}</properties>"))).measurements
    summary = found.summary
    assert summary is not None
    assert (summary.rounds, summary.mean, summary.median) == (9, 2.0, 1.5)
    assert (found.metric, found.values, found.warmup) == (METRICS["wall_time"], (), 3)
    assert "said so" in found.unsure


def test_encodings_are_those_that_the_file_declares() -> None:
    text = suite(case(name="test_é"))
    latin = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + text.encode("latin-1")
    for data in (text.encode("utf-8-sig"), text.encode("utf-16"), latin):
        (record,) = read(data).resources
        assert record.case.node_id == "tests/test_a.py::test_é"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite name="&b;"/>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><testsuite name="&a;"/>'
FETCHED = '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><testsuite/>'


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, FETCHED])
def test_a_declaration_that_may_expand_or_lead_outside_is_refused(text: str) -> None:
    with pytest.raises(StoreError, match=r"junit\.xml:1: holds a document type declaration"):
        read(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "junit.xml:1: no XML: no element found"),
        ("<testsuites>", "junit.xml:1: no XML: no element found"),
        ("<a/>", "junit.xml:1: the root is <a>, not <testsuites> or <testsuite>"),
        ("<testsuites/>", "junit.xml: says nothing of any test"),
        ("<testsuite>&x;</testsuite>", "junit.xml:1: no XML: undefined entity"),
        (suite(case(time="soon")), "junit.xml:3: time is 'soon', not a number of seconds"),
        (suite(case(time="nan")), "junit.xml:3: time is 'nan', not a number"),
        (suite(case(time="1e999")), "junit.xml:3: time is '1e999', not a number"),
        (suite(case(classname="", name="")), "junit.xml:3: a testcase has neither name nor class"),
        (suite(attributes='timestamp="now"'), "junit.xml:2: timestamp is 'now', not a date"),
        ("<testsuite>" * 101, "junit.xml:1: more than 100 elements stand inside each other"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "no XML: unknown encoding"),
    ],
)
def test_what_does_not_fit_is_said_with_its_line_and_a_remedy(text: str, problem: str) -> None:
    with pytest.raises(StoreError) as caught:
        read(text)
    assert problem in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("value", ["many", "nan", "1e999"])
def test_a_property_of_ours_that_is_no_figure_is_an_error(value: str) -> None:
    pairs = (("unit", "s"), ("rounds", "3"), ("mean", value))
    said = "".join(
        f'<property name="paceline.wall_time.{name}" value="{one}"/>' for name, one in pairs
    )
    with pytest.raises(StoreError, match=r"the property paceline\.wall_time\.mean is"):
        read(suite(case(f"<properties>{said}</properties>")))
