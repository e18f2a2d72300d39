"""JUnit XML: what each test took and how it ended, as the records of one run.

There is no schema that all writers keep. Read are pytest's own files (xunit1, xunit2), ours, and
what the writers for other languages agree on: ``testsuites`` or ``testsuite`` around ``testcase``
with ``classname``, ``name``, ``time``, and ``failure``, ``error`` or ``skipped`` inside. A document
type declaration is refused: what expands or leads out of the file can't be declared without it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from xml.parsers import expat

from paceline.errors import Place, StoreError
from paceline.model import Turn
from paceline.store.exchange.document import RunDocument
from paceline.store.exchange.figures import OWN_SUITE, case_of, measurements_of, record_of
from paceline.store.exchange.imported import UNDATED, foreign_run, record, run_time
from paceline.store.exchange.names import node_id_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement, Resources

__all__ = ["KIND", "read_junit"]

KIND = "junit"

_DEEPEST = 100  # elements inside each other
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_ENDINGS = {"failure": "failed", "error": "error", "skipped": "skipped"}
_NOT_RUN = frozenset({"notrun", "suppressed", "skipped", "disabled"})
_REMEDY = "let the tool write the file again: it was cut short, changed, or is no JUnit XML"


@dataclass(slots=True)
class _Testcase:
    """One ``testcase`` while it is read."""

    attributes: dict[str, str]
    suite: str
    outcome: str
    properties: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """Hears the elements of a file; ``line`` tells where the parser stands."""

    place: Place
    is_file: Callable[[str], bool]
    line: Callable[[], int]
    records: dict[str, Resources] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    suites: list[str] = field(default_factory=list)
    times: list[tuple[int, float]] = field(default_factory=list)
    started: float = UNDATED
    case: _Testcase | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear an element begin."""
        name = tag.rpartition(":")[2]
        if not self.path and name not in {"testsuites", "testsuite"}:
            raise self._misfit(f"the root is <{name}>, not <testsuites> or <testsuite>")
        if len(self.path) >= _DEEPEST:
            raise self._misfit(f"more than {_DEEPEST} elements stand inside each other")
        if name in {"testsuites", "testsuite"}:
            self._suite(attributes)
        elif name == "testcase":
            state = {attributes.get("status", "").lower(), attributes.get("result", "").lower()}
            outcome = "skipped" if state & _NOT_RUN else "passed"
            self.case = _Testcase(attributes, self.suites[-1], outcome)
        elif self.case:
            self._within(self.case, name, attributes)
        self.path.append(name)

    def end(self, _tag: str) -> None:
        """Hear an element end."""
        name = self.path.pop()
        if name in {"testsuites", "testsuite"}:
            self.suites.pop()
        elif name == "testcase" and self.case:
            self._keep(self.case)
            self.case = None

    def refuse(self, *_: object) -> None:
        """Refuse a document type declaration."""
        raise StoreError(
            "holds a document type declaration (<!DOCTYPE …>), which may expand without end or"
            " lead out of the file",
            place=self._where(),
            remedy="remove the declaration; no JUnit report needs one",
        )

    def _suite(self, attributes: dict[str, str]) -> None:
        self.suites.append(attributes.get("name", ""))
        stamp = attributes.get("timestamp", "")
        started = self._started(stamp) if stamp else UNDATED
        self.started = min(filter(None, (self.started, started)), default=UNDATED)
        seconds = self._seconds(attributes)
        if seconds is not None and self.suites[-1] != OWN_SUITE:
            self.times.append((len(self.path), seconds))

    def _within(self, case: _Testcase, name: str, attributes: dict[str, str]) -> None:
        if self.path[-1] == "testcase" and name in _ENDINGS:
            expected = attributes.get("type") == "pytest.xfail"
            case.outcome = "xfailed" if expected else _ENDINGS[name]
        elif name == "property" and self.path[-1] == "properties":
            value = attributes.get("value", "")
            case.properties.append((attributes.get("name", ""), value))

    def _keep(self, case: _Testcase) -> None:
        node_id = case_of(case.properties) if case.suite == OWN_SUITE else ""
        node_id = node_id or node_id_of(case.attributes, suite=case.suite, is_file=self.is_file)
        if not node_id:
            raise self._misfit("a testcase has neither name nor classname")
        benchmark, found = measurements_of(node_id, case.properties, misfit=self._misfit)
        self.measurements += found
        seconds = self._seconds(case.attributes)
        figures = {} if seconds is None else {"test_time": seconds}
        outcome = case.outcome
        if case.suite == OWN_SUITE:
            figures, outcome = record_of(case.properties, misfit=self._misfit)
            if not figures and benchmark:
                return  # its time is the benchmark's, not the test's
        before = self.records.get(node_id)
        turn = Turn(outcome=outcome, attempt=before.turn.attempt + 1 if before else 1)
        unsure = None if "test_time" in figures else {"test_time": "the file gives no time"}
        self.records[node_id] = record(node_id, figures, unsure=unsure, turn=turn)

    def _seconds(self, attributes: dict[str, str]) -> float | None:
        """Read ``time``; with one comma and no point the comma is the point, as some locales say.

        A clock that was set back gives less than nothing, which is no time.
        """
        text = attributes.get("time", "").strip()
        if not text:
            return None
        lone = text.count(",") == 1 and "." not in text
        plain = text.replace(",", "." if lone else "")
        if not _NUMBER.fullmatch(plain) or not math.isfinite(float(plain)):
            raise self._misfit(f"time is {text[:40]!r}, not a number of seconds")
        return float(plain) if float(plain) >= 0 else None

    def _started(self, text: str) -> float:
        try:
            found = dt.datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp()
        except (ValueError, OverflowError) as error:
            raise self._misfit(f"timestamp is {text[:40]!r}, not a date: {error}") from error

    def _misfit(self, problem: str) -> StoreError:
        return StoreError(problem, place=self._where(), remedy=_REMEDY)

    def _where(self) -> Place:
        return Place(self.place.file, self.line())


def read_junit(data: bytes, place: Place, *, is_file: Callable[[str], bool]) -> RunDocument:
    """Read a report; ``is_file`` tells whether a path is a file of the project.

    Of a test that is told twice the last stands, as a further attempt.

    Raises:
        StoreError: no XML, no JUnit, or a declaration that has no place in it.
    """
    parser = expat.ParserCreate()
    reader = _Reader(place, is_file, lambda: parser.CurrentLineNumber)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(
            data, True
        )  # in one piece: older versions of expat scan each piece's rest anew
    except expat.ExpatError as error:
        where = Place(place.file, error.lineno)
        said = expat.ErrorString(error.code) or str(error)
        raise StoreError(f"no XML: {said}", place=where, remedy=_REMEDY) from error
    except (ValueError, LookupError) as error:  # an encoding that Python doesn't know
        raise StoreError(f"no XML: {error}", place=place, remedy=_REMEDY) from error
    if not reader.records and not reader.measurements:
        remedy = "let the tool write the file again, over tests that ran"
        raise StoreError("says nothing of any test", place=place, remedy=remedy)
    return _document(reader)


def _document(reader: _Reader) -> RunDocument:
    run = foreign_run(KIND, started=reader.started)
    outermost = min((depth for depth, _ in reader.times), default=0)
    times = [seconds for depth, seconds in reader.times if depth == outermost]
    whole = (run_time(math.fsum(times)),) if times else ()
    return RunDocument(
        replace(run, started=reader.started),
        (*whole, *reader.measurements),
        tuple(reader.records.values()),
    )
