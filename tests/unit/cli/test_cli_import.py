from __future__ import annotations

import json
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from paceline.cli.unbroken import unbroken
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Place

JUNIT = """\
<testsuite name="pytest" time="2" timestamp="2026-01-01T00:00:00+00:00">
<testcase classname="tests.test_a" name="test_one" time="1.5"/>
<testcase classname="tests.test_a" name="test_two" time="0.5"><skipped/></testcase>
</testsuite>"""
DURATIONS = '{"tests/test_a.py::test_one": 0.5}'


def write(place: Place, name: str, text: str) -> Path:
    file = place.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def states(place: Place, *words: str) -> list[str]:
    found = json.loads(place.paceline("import", "--json", *words).out)
    return [one["state"] for one in found["runs"]]


def test_the_same_file_twice_adds_nothing(place: Place) -> None:
    write(place, "junit.xml", JUNIT)
    first = place.paceline("import", "junit.xml")
    second = place.paceline("import", "junit.xml")
    assert (first.status, second.status) == (0, 0)
    assert first.out.endswith("\n1 run added\n")
    assert second.out.endswith("\n0 runs added, 1 already there\n")
    assert len(place.store.runs()) == 1


def test_an_imported_report_tells_the_planner_what_tests_take(place: Place) -> None:
    write(place, "tests/test_a.py", "")
    write(place, "junit.xml", JUNIT)
    place.paceline("import", "junit.xml")
    known = {one.node_id: (one.seconds, one.outcome) for one in place.store.past().tests}
    assert known == {
        "tests/test_a.py::test_one": (1.5, "passed"),
        "tests/test_a.py::test_two": (0.5, "skipped"),
    }


def test_a_run_exported_elsewhere_comes_in_as_it_was(place: Place) -> None:
    run = place.keep("a")
    kept = place.store.measurements(run.id)
    place.paceline("export", "a", "--output", "a.json")
    (place.root / ".paceline" / "paceline.sqlite").unlink()
    assert place.paceline("import", "a.json").status == 0
    assert place.store.runs() == (run,)
    assert place.store.measurements(run.id) == kept


def test_a_dry_run_changes_nothing_and_says_what_would(place: Place) -> None:
    write(place, "junit.xml", JUNIT)
    ended = place.paceline("import", "junit.xml", "--dry-run")
    assert (ended.status, "1 run would be added" in ended.out) == (0, True)
    assert not (place.root / ".paceline").exists()


def test_what_a_file_does_not_say_can_be_said(place: Place) -> None:
    write(place, "durations.json", DURATIONS)
    said = ("--commit", "1a2b3c4", "--branch", "main", "--started", "2026-01-02T01:00+01:00")
    assert place.paceline("import", "durations.json", *said).status == 0
    (run,) = place.store.runs()
    assert (run.commit, run.branch, run.started) == ("1a2b3c4", "main", 1_767_312_000.0)


def test_files_do_not_share_a_fate(place: Place) -> None:
    write(place, "junit.xml", JUNIT)
    write(place, "cut.json", DURATIONS[:-3])
    ended = place.paceline("import", "cut.json", "junit.xml")
    assert ended.status == 14
    assert ended.out.endswith("\n1 run added, 1 file refused\n")
    assert ended.err.startswith("error[PAC300]: no JSON document: ")
    assert "  --> cut.json:1\n  = remedy: " in ended.err
    assert len(place.store.runs()) == 1


def test_json_says_what_became_of_each_file(place: Place) -> None:
    write(place, "all/junit.xml", JUNIT)
    write(place, "all/notes.json", "{}")
    write(place, "all/cut.json", '{\n"a": }')
    found: dict[str, Any] = json.loads(place.paceline("import", "all", "--json").out)
    (run,) = found["runs"]
    assert (run["file"], run["format"], run["state"]) == ("all/junit.xml", "junit", "added")
    assert (run["measurements"], run["records"]) == (1, 2)
    assert found["passed_over"] == ["all/notes.json"]
    (refused,) = found["refused"]
    assert (refused["file"], refused["line"]) == ("all/cut.json", 2)


def test_a_file_named_by_itself_is_never_passed_over(place: Place) -> None:
    write(place, "notes.json", "{}")
    ended = place.paceline("import", "notes.json")
    assert (ended.status, "of no format that is known" in ended.err) == (14, True)


def test_the_format_can_be_named_for_a_folder(place: Place) -> None:
    write(place, "all/a.json", DURATIONS)
    assert states(place, "all", "--format", "durations") == ["added"]
    assert place.paceline("import", "all", "--format", "junit").status == 14


@pytest.mark.slow
def test_many_files_say_how_far_they_are(place: Place) -> None:
    for number in range(25):
        write(place, f"all/{number:02}.json", f'{{"a.py::test_it": {number}}}')
    ended = place.paceline("import", "all")
    assert ended.err.startswith("0 of 25 files, 0 runs added\n")
    assert "\n(5 more)\n25 runs added\n" in ended.out


def test_runs_beyond_retention_are_said(place: Place) -> None:
    place.settings("[tool.paceline]\nstore.keep_runs = 1\n")
    for number in range(2):
        write(place, f"{number}.json", f'{{"a.py::test_it": {number}}}')
    ended = place.paceline("import", "0.json", "1.json")
    assert "the store holds 2 runs, and store.keep_runs keeps 1" in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "required: FILE"),
        (["empty"], "holds no file to import"),
        (["a.json", "--started", "soon"], "'soon' is no date"),
        (["a.json", "--format", "csv"], "invalid choice"),
    ],
)
def test_wrong_usage_ends_with_2(place: Place, words: list[str], said: str) -> None:
    (place.root / "empty").mkdir()
    ended = place.paceline("import", *words)
    assert (ended.status, said in ended.err) == (2, True)


def interrupt(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_waits_until_the_run_is_whole(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Store.append

    def interrupted(store: Store, *given: Any) -> None:
        interrupt()
        append(store, *given)

    monkeypatch.setattr(Store, "append", interrupted)
    for name in "ab":
        write(place, f"{name}.xml", JUNIT.replace("test_one", name))
    ended = place.paceline("import", "a.xml", "b.xml")
    said = "1 run came in, whole; no other\ninterrupted\n"
    assert (ended.status, ended.err) == (130, said)
    (run,) = place.store.runs()
    assert (run.complete, len(place.store.resources(run.id))) == (True, 2)


def test_a_second_interrupt_comes_through_at_once() -> None:
    before, done = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with unbroken():
            for step in range(3):
                interrupt()
                done.append(step)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == [0]
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_has_no_interrupts_to_put_off() -> None:
    done = []

    def work() -> None:
        with unbroken():
            done.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [signal.getsignal(signal.SIGINT)]


def test_a_name_that_no_file_can_have_is_none(place: Place) -> None:
    write(place, "junit.xml", JUNIT.replace("tests.test_a", "a" * 5000))
    assert states(place, "junit.xml") == ["added"]


def test_what_a_killed_import_left_half_is_completed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place, "junit.xml", JUNIT)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "keep_resources", raising)
        with pytest.raises(SystemError):
            place.paceline("import", "junit.xml")
    (torn,) = place.store.runs()
    assert not torn.complete
    assert states(place, "junit.xml") == ["completed"]
    (run,) = place.store.runs()
    assert (run.complete, len(place.store.resources(run.id))) == (True, 2)
    assert states(place, "junit.xml") == ["already there"]


def raising(*_: object) -> None:
    raise SystemError("stands for a process that dies")


def test_an_incomplete_run_of_ours_stays_incomplete(place: Place) -> None:
    run = place.keep("a", complete=False)
    place.paceline("export", run.id, "--output", "a.json")
    assert states(place, "a.json") == ["already there"]
    (place.root / ".paceline" / "paceline.sqlite").unlink()
    assert states(place, "a.json") == ["added"]
    assert place.store.runs() == (run,)
