"""The ``leaks`` fixture and the ``no_leaks`` marker, as a user's suite meets them."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Any

import pytest

import paceline.plugin.leaks
from paceline.engine.leaks.calls import CallError, Calls
from paceline.stats.leak import LeakResult, LeakVerdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUICK = (
    *("--paceline", "--paceline-write=r.json", "--paceline-leaks-time=0.05"),
    *(f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "benchmark", "codspeed")),
    *("-pno:pyleak", "-pno:asyncio"),
)
HEAD = """
import os, pytest, unittest
KEPT, CALLS = [], []
no_leaks = pytest.mark.no_leaks
"""
TIMES = 3
SUBTESTS = pytest.mark.skipif(not hasattr(pytest, "Subtests"), reason="subtests came with pytest 9")


@pytest.fixture(autouse=True)
def few_objects() -> Iterator[None]:
    """Keep the session's many objects out of the collections that checks make."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def thrice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat three times instead of checking: what is repeated, not what is found, is the point."""

    def check(function: Callable[[], object], *, name: str, **_limits: Any) -> LeakResult:
        calls = Calls(function)
        try:
            calls.run(TIMES)
        except CallError as error:
            return LeakResult(name, LeakVerdict.UNSURE, "", unsure=error.problem)
        return LeakResult(name, LeakVerdict.CLEAN, "nothing grew", calls=calls.done)

    monkeypatch.setattr(paceline.plugin.leaks, "check", check)


def run(pytester: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(HEAD + source)
    return pytester.runpytest_inprocess(*QUICK, *arguments, no_reraise_ctrlc=True)


def written(pytester: pytest.Pytester) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((pytester.path / "r.json").read_text(encoding="utf-8"))
    return report


def verdicts(pytester: pytest.Pytester) -> dict[str, tuple[str, str]]:
    """Give kind and reason of the verdicts on leaked objects, by the test's name and label."""
    return {
        one["case"].rpartition("::")[2]: (one["kind"], one["because"])
        for one in written(pytester)["verdicts"]
        if one["metric"] == "test_leaked_objects"
    }


def kinds(pytester: pytest.Pytester) -> set[str]:
    return {kind for kind, _ in verdicts(pytester).values()}


FIXTURES = {
    "capsys": "print('one'); assert capsys.readouterr().out == 'one\\n'",
    "capsysbinary": "print('one'); assert capsysbinary.readouterr().out == b'one\\n'",
    "capfd": "os.write(1, b'one'); assert capfd.readouterr().out == 'one'",
    "capfdbinary": "os.write(2, b'one'); assert capfdbinary.readouterr().err == b'one'",
    "caplog": "logging.warning('one'); assert caplog.messages == ['one']",
    "recwarn": "warnings.warn('one'); assert len(recwarn) == 1",
    "tmp_path": "(tmp_path / 'one').mkdir()",
    "record_property": "record_property('one', 1)",
    "request": "assert len(request.node.user_properties) == 0",
}


@pytest.mark.usefixtures("thrice")
@pytest.mark.parametrize("fixture", list(FIXTURES))
def test_a_repeat_finds_its_fixtures_as_the_first_call_did(
    pytester: pytest.Pytester, fixture: str
) -> None:
    body = f"import logging, warnings\n@no_leaks\ndef test_it({fixture}): {FIXTURES[fixture]}"
    result = run(pytester, body, "-Wdefault")
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    assert kinds(pytester) == {"ok"}


@SUBTESTS
@pytest.mark.usefixtures("thrice")
@pytest.mark.parametrize(("value", "calls"), [(1, 1 + TIMES), (0, 1)])
def test_subtests_of_a_repeat_are_not_reported(
    pytester: pytest.Pytester, value: int, calls: int
) -> None:
    source = f"""
@no_leaks
def test_it(subtests):
    with subtests.test("one"): CALLS.append(1); assert {value}

def test_calls(): assert len(CALLS) == {calls}
"""
    result = run(pytester, source, "-v")
    assert result.stdout.str().count("SUBPASSED") == value
    assert result.stdout.str().count("SUBFAILED[one]") == 2 * (1 - value)  # once in the summary
    assert len(verdicts(pytester)) == value
    result.stdout.fnmatch_lines(["*test_calls PASSED*"])


@pytest.mark.usefixtures("thrice")
def test_what_fixtures_patched_stays_patched_and_patches_do_not_pile_up(
    pytester: pytest.Pytester,
) -> None:
    source = """
@pytest.fixture
def patched(monkeypatch):
    monkeypatch.setenv("FIXTURE", "kept")
    yield
    assert os.environ["FIXTURE"] == "kept" and os.environ["PILE"] == "x"

@no_leaks
def test_it(patched, monkeypatch):
    CALLS.append(1)
    assert os.environ["FIXTURE"] == "kept"
    monkeypatch.setenv("PILE", "x", prepend="-")
    assert os.environ["PILE"] == ("x" if len(CALLS) == 1 else "x-x")
"""
    run(pytester, source).assert_outcomes(passed=1)
    assert kinds(pytester) == {"ok"}


@pytest.mark.usefixtures("thrice")
def test_what_the_first_call_left_is_there_at_teardown(pytester: pytest.Pytester) -> None:
    source = """
import logging, sys
@pytest.fixture
def after(capsys, caplog, recwarn, tmp_path):
    yield
    out, err = capsys.readouterr()
    assert (out, err) == ("one\\n", "two")
    assert [one.message for one in caplog.get_records("call")] == ["three"]
    assert [one.name for one in tmp_path.iterdir()] == ["four"]

@no_leaks
def test_it(after, tmp_path):
    print("one")
    sys.stderr.write("two")
    logging.warning("three")
    (tmp_path / "four").mkdir()
"""
    run(pytester, source).assert_outcomes(passed=1)
    assert kinds(pytester) == {"ok"}


@pytest.mark.usefixtures("thrice")
@pytest.mark.parametrize(
    "use", ["monkeypatch.chdir(tmp_path)", "(tmp_path / 'two').touch()", "tmp_path.rmdir()"]
)
def test_a_folder_that_a_fixture_knows_stays_the_same(pytester: pytest.Pytester, use: str) -> None:
    source = f"""
from pathlib import Path
@pytest.fixture
def folder(tmp_path, monkeypatch):
    {use}
    return tmp_path

@no_leaks
def test_it(folder, tmp_path):
    folder.mkdir(exist_ok=True)
    (folder / "one").touch()
    assert (tmp_path / "one").exists()
"""
    run(pytester, source).assert_outcomes(passed=1)
    assert kinds(pytester) == {"ok"}


@pytest.mark.usefixtures("thrice")
def test_a_fixture_is_set_up_once_and_the_body_repeated(pytester: pytest.Pytester) -> None:
    source = """
@pytest.fixture
def own():
    KEPT.append("set up")
    yield
    KEPT.append("torn down")
    assert (KEPT, len(CALLS)) == (["set up", "torn down"], 4)

@no_leaks
@pytest.mark.parametrize("number", [7])
def test_it(own, number): CALLS.append(number)
"""
    run(pytester, source).assert_outcomes(passed=1)
    assert verdicts(pytester)["test_it[7]"][0] == "ok"


@pytest.mark.usefixtures("thrice")
def test_a_test_that_did_not_pass_is_not_repeated(pytester: pytest.Pytester) -> None:
    source = """
@no_leaks
class TestIt:
    def test_fails(self): CALLS.append(1); assert not 1
    def test_skips(self): CALLS.append(1); pytest.skip("now")
    @pytest.mark.xfail
    def test_expected(self): CALLS.append(1); assert not 1

@no_leaks
class TestUnit(unittest.TestCase):
    def test_fails(self): CALLS.append(1); self.fail()
    def test_skips(self): CALLS.append(1); self.skipTest("now")

def test_calls(): assert len(CALLS) == 5
"""
    result = run(pytester, source)
    assert result.parseoutcomes()["passed"] == 1
    assert verdicts(pytester) == {}


@pytest.mark.usefixtures("thrice")
@pytest.mark.parametrize(
    ("second", "why"),
    [
        ("raise ValueError('two\\nlines')", "the test did not pass again: two"),
        ("assert not CALLS", "the test did not pass again: assert not *"),
        ("pytest.skip('now')", "the test did not pass again: now"),
        ("raise SystemExit", "the test did not pass again: SystemExit"),
    ],
)
def test_a_test_that_does_not_pass_again_is_unsure_and_stays_passed(
    pytester: pytest.Pytester, second: str, why: str
) -> None:
    result = run(
        pytester, f"@no_leaks\ndef test_it():\n    if CALLS: {second}\n    CALLS.append(1)"
    )
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    assert kinds(pytester) == {"unsure"}
    result.stdout.fnmatch_lines([f"UNSURE *test_it*{why}*"])


@pytest.mark.usefixtures("thrice")
@pytest.mark.parametrize(
    ("second", "status", "said"),
    [
        ("pytest.exit('enough', 3)", 3, "*Exit: enough*"),
        ("raise KeyboardInterrupt", pytest.ExitCode.INTERRUPTED, "*KeyboardInterrupt*"),
    ],
)
def test_an_interrupt_in_a_repeat_ends_pytest(
    pytester: pytest.Pytester, second: str, status: int, said: str
) -> None:
    source = f"@no_leaks\ndef test_it():\n    if CALLS: {second}\n    CALLS.append(1)"
    result = run(pytester, source + "\ndef test_later(): ...")
    assert result.ret == status
    result.stdout.fnmatch_lines([said])
    result.stdout.no_fnmatch_line("*test_later*")


@pytest.mark.usefixtures("thrice")
@pytest.mark.parametrize(
    "given", ["things=1", "'64 B'", "tasks=True", "bytes='64 furlongs'", "bytes=[]"]
)
def test_wrong_keywords_fail_the_test_once_with_its_place(
    pytester: pytest.Pytester, given: str
) -> None:
    result = run(pytester, f"@no_leaks({given})\ndef test_it(): ...")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["test_wrong*.py:4: *"])
    assert result.stdout.str().count("remedy:") == 1
    result.stdout.no_fnmatch_line("*During handling*")


@pytest.mark.usefixtures("thrice")
@pytest.mark.parametrize("use", ["memory", "leaks", "benchmark(int)"])
def test_a_test_that_measures_by_itself_is_unsure(pytester: pytest.Pytester, use: str) -> None:
    fixture = use.partition("(")[0]
    result = run(pytester, f"@no_leaks\ndef test_it({fixture}): {use}", "--benchmark-max-time=0.01")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"UNSURE *the test uses {fixture}, which keeps what it measures*"])


@pytest.mark.usefixtures("thrice")
@pytest.mark.parametrize(("given", "limit"), [("64", 64), ("'1 KiB'", 1024), ("0.5", 0.5)])
def test_a_plain_number_is_in_bytes(pytester: pytest.Pytester, given: str, limit: float) -> None:
    run(pytester, f"@no_leaks(bytes={given})\ndef test_it(): ...").assert_outcomes(passed=1)
    report = json.loads((pytester.path / "r.json").read_text(encoding="utf-8"))
    limits = {one["limit"] for one in report["verdicts"] if one["metric"] == "test_leaked_bytes"}
    assert limits == {limit}


@pytest.mark.slow
def test_repeats_do_not_count_for_a_memory_limit(pytester: pytest.Pytester) -> None:
    body = "def test_it(): CALLS.append(bytearray(4096))\n"
    run(pytester, "@no_leaks\n@pytest.mark.memory_limit('1 MiB', growth='64 KiB')\n" + body)
    found = {one["metric"]: one["kind"] for one in written(pytester)["verdicts"]}
    assert found["test_leaked_objects"] == "over budget"
    assert found["test_peak_memory"] == found["test_memory_growth"] == "ok"


@pytest.mark.usefixtures("thrice")
def test_repeats_do_not_count_for_the_record(pytester: pytest.Pytester) -> None:
    run(pytester, "@no_leaks\ndef test_it(): CALLS.append(bytearray(1 << 20))\n")
    (record,) = written(pytester)["resources"]
    assert record["figures"]["test_process_rise"] < 3 << 20
    assert (record["figures"]["test_open_files"], record["unsure"]) == (0, {})


@pytest.mark.usefixtures("thrice")
def test_what_a_teardown_may_give_back_is_unsure_in_the_record(pytester: pytest.Pytester) -> None:
    fixture = "@pytest.fixture\ndef file():\n    with open(os.devnull) as one: yield one\n"
    run(pytester, f"{fixture}@no_leaks\ndef test_it(file): file.read()\n")
    record, *_ = written(pytester)["resources"]
    assert record["figures"]["test_open_files"] is None
    assert "repeated" in record["unsure"]["test_open_files"]


@pytest.mark.usefixtures("thrice")
def test_each_repeat_of_a_testcase_is_set_up_and_torn_down(pytester: pytest.Pytester) -> None:
    source = """
class TestUnit(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def given(self, tmp_path): self.folder = tmp_path
    def setUp(self): self.own = []
    def tearDown(self): CALLS.append(self.own)
    @no_leaks
    def test_a(self):
        assert self.folder.exists() and not self.own
        for number in range(2):
            with self.subTest(number=number): self.own.append(number)

def test_later(): assert CALLS == [[0, 1]] * 4
"""
    assert run(pytester, source).ret == 0
    assert verdicts(pytester)["test_a"][0] == "ok"


@pytest.mark.usefixtures("thrice")
@pytest.mark.parametrize(
    ("second", "told"), [("self.fail('again')", "again"), ("self.skipTest('now')", "now")]
)
def test_a_testcase_that_does_not_pass_again_is_unsure(
    pytester: pytest.Pytester, second: str, told: str
) -> None:
    source = f"""
class TestUnit(unittest.TestCase):
    @no_leaks
    def test_it(self):
        if CALLS: {second}
        CALLS.append(1)
"""
    result = run(pytester, source)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"UNSURE *did not pass again: *{told}*"])


@pytest.mark.usefixtures("thrice")
def test_nothing_of_a_repeat_is_heard(pytester: pytest.Pytester) -> None:
    source = """
import logging, sys, threading, warnings
class Finalized:
    def __del__(self): assert len(CALLS) < 2, "unraised"

@no_leaks
def test_it():
    CALLS.append(1)
    Finalized()
    if len(CALLS) > 1:
        print("NOISE"); sys.__stderr__.write("NOISE"); os.write(1, b"NOISE"); os.write(2, b"NOISE")
        os.system("echo NOISE")
        warnings.warn("NOISE")
        logging.error("NOISE")
        thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()

def test_again(): assert len(CALLS) == 4
"""
    pytester.makepyfile(HEAD + source)
    result = pytester.runpytest_inprocess(*QUICK, "-rP", "-Wdefault", "--log-cli-level=0")
    result.assert_outcomes(passed=2, warnings=0)
    assert "NOISE" not in result.stdout.str() + result.stderr.str()


def test_a_check_that_fails_by_itself_is_unsure(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(function: Callable[[], object], **_: Any) -> LeakResult:
        raise ReferenceError(function)

    monkeypatch.setattr(paceline.plugin.leaks, "check", broken)
    source = "@no_leaks\ndef test_it(): ...\ndef test_two(leaks): assert not leaks(int).leaking"
    result = run(pytester, source)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["UNSURE *test_it*the check failed: Referen*"])


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_marked_tests_are_judged(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    source = """
@no_leaks
class TestIt:
    def test_leaks(self): KEPT.append([])
    def test_clean(self): [1]
    @no_leaks(objects=2, bytes="1 KiB")
    def test_allowed(self): KEPT.append([])

def test_not_asked(): KEPT.append([])
"""
    pytester.makepyfile(HEAD + source)  # inside this process pytester keeps each call of a hook
    result = pytester.runpytest_subprocess(*QUICK, *workers)
    result.assert_outcomes(passed=4)
    assert result.ret == 10
    found = {name: kind for name, (kind, _) in verdicts(pytester).items()}
    assert found == {"test_leaks": "over budget", "test_clean": "ok", "test_allowed": "ok"}
    result.stdout.fnmatch_lines(["LEAK *test_leaks", "*KEPT*+1 a call*", "BUDGET *test_leaks*"])


@pytest.mark.slow
def test_the_fixture_tells_and_labels_what_it_checked(pytester: pytest.Pytester) -> None:
    source = """
def grow(into, *, by=1): into.append([by])

def test_it(leaks):
    found = leaks(grow, KEPT, by=2)
    assert found.leaking and not found.bounded and found.verdict == "LEAK"
    assert "KEPT" in repr(found) and found.findings
    assert leaks(grow, [], label="again").leaking
    assert leaks(len, "").bounded and leaks(len, "").verdict == "CLEAN"

def test_message(leaks): assert not leaks(grow, KEPT).leaking
"""
    result = run(pytester, source)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*assert not*", "*where True = LEAK grow; * a call*"])
    report = json.loads((pytester.path / "r.json").read_text(encoding="utf-8"))
    labels = [one["case"]["label"] for one in report["measurements"]]
    assert labels == [
        one for label in ("grow", "again", "len", "len 2", "grow") for one in [label] * 2
    ]


@pytest.mark.slow
def test_the_fixture_takes_plain_figures(pytester: pytest.Pytester) -> None:
    source = """
class Survivor: ...
def keep():
    KEPT.append(Survivor())
    return KEPT[-1]

def test_it(leaks):
    found = leaks.rounds(keep, rounds=10)
    assert (found.count, found.survivors) == (10, 8)
    assert leaks.rounds(int, "7").survivors == 0
"""
    run(pytester, source).assert_outcomes(passed=1)
