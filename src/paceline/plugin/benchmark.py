"""Benchmark: the fixture's object, a thin form of the engine for use inside a test."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from paceline.engine.benchmark import Request, awaits, in_event_loop, run, run_async
from paceline.engine.comparison import Comparison, compare, same
from paceline.engine.scaling import Scaling, scaling
from paceline.engine.timed import timed
from paceline.errors import MeasureError, PacelineError, Place, SettingsError
from paceline.model import Case
from paceline.plugin.dropin.metadata import About, Metadata
from paceline.plugin.dropin.plan import arguments_of, check_plan, option_facts
from paceline.plugin.markers import benchmark_keywords, budgets_of, option_entries, place_of
from paceline.plugin.pytest_internals import item_parameters
from paceline.plugin.sources import add_source
from paceline.plugin.texts import as_json, shown, text_of
from paceline.plugin.untimed import once
from paceline.probes.benchmark import Call
from paceline.probes.clock import find_timer
from paceline.probes.options import BenchmarkOptions
from paceline.probes.sampling import Fixed
from paceline.report.options import Style

if TYPE_CHECKING:
    import pstats
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from paceline.engine.result import Result, Statistics
    from paceline.model import Budget, Measurement
    from paceline.plugin.session import Session

__all__ = ["Benchmark", "PacelineWarning", "open_benchmark"]

T = TypeVar("T")


class PacelineWarning(UserWarning):
    """Something about a benchmark that its author should know."""


class Benchmark:
    """Measures callables inside a test; calling it returns the callable's own value.

    Statistics of the last measurement stand at ``stats``, in seconds per call. A test may measure
    several callables; each gets a label of its own.
    """

    def __init__(self, item: pytest.Item, session: Session) -> None:
        keywords = benchmark_keywords(item)
        entries = option_entries(keywords, place_of(item))
        self.options = session.settings.get(BenchmarkOptions, entries)
        self.budgets: tuple[Budget, ...] = budgets_of(item)
        self.name = item.name
        self.fullname = item.nodeid
        param, params = item_parameters(item)
        self.param: str | None = param or None
        self.params: dict[str, Any] | None = params or None
        self.group: str | None = keywords.get("group")
        self.items = _amount(keywords.get("items") or keywords.get("bytes") or 0, place_of(item))
        self.item_unit = "B" if keywords.get("bytes") else "items"
        self.extra_info: dict[str, Any] = {}
        self.enabled = session.timed
        self.stats: Statistics | None = None
        self.measured: list[Metadata] = []
        self.has_error = False
        self.skipped = False
        self.cprofile: bool = keywords.get("cprofile", session.dropin.profiles)
        self.cprofile_loops = session.dropin.loops
        self.cprofile_dump = session.dropin.cprofile_dump
        self.cprofile_stats: pstats.Stats | None = None
        self.used = False
        self.passed = False
        self.value: Any = None
        self._timer = keywords.get("timer") if callable(keywords.get("timer")) else None
        self._place = place_of(item)
        self._busy = False
        self._markers = tuple(dict.fromkeys(marker.name for marker in item.iter_markers()))
        self._conditions = session.conditions
        self._director = session.director
        self._taken: list[tuple[Measurement, dict[str, Any]]] = []
        self._blocks: list[tuple[Case, timed]] = []
        self._parameters = tuple((name, shown(value)) for name, value in params.items())
        self._undo: list[Callable[[], object]] = []
        self._dropin = session.dropin
        self._folder = item.config.rootpath
        self._labels: set[str] = set()
        self._label = ""

    @property
    def disabled(self) -> bool:
        """Whether callables run once, untimed."""
        return not self.enabled

    def __call__(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Measure ``function(*args, **kwargs)`` and return its own value.

        A coroutine function is measured in the running event loop: ``await benchmark(function)``.
        """
        return self._run(Call(function, args, kwargs, awaits=awaits(function)))

    def measure(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Result[T]:
        """Measure as calling does and give a result: value, statistics, processor share."""
        call = Call(function, args, kwargs, awaits=awaits(function))
        self._only_timed(call)
        with self._alone():
            return self._kept(run(call, self._request()))

    def pedantic(  # noqa: PLR0913, PLR0917  (the peer's own signature)
        self,
        target: Callable[..., T],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        setup: Callable[[], Any] | None = None,
        teardown: Callable[..., Any] | None = None,
        rounds: int = 1,
        warmup_rounds: int = 0,
        iterations: int = 1,
    ) -> T:
        """Measure with rounds set by hand and return the target's own value.

        ``setup`` runs before each round and may return (args, kwargs) where none are given here; it
        excludes iterations above one, as they would share what it made.
        """
        check_plan(setup, rounds=rounds, warmup_rounds=warmup_rounds, iterations=iterations)
        made = arguments_of(setup, given=bool(args or kwargs))
        call = Call(target, args, kwargs or {}, made, teardown, awaits=awaits(target))
        return self._run(call, Fixed(rounds, iterations, warmup_rounds))

    def with_setup(
        self,
        setup: Callable[[], Any],
        function: Callable[..., T],
        *,
        teardown: Callable[..., Any] | None = None,
    ) -> T:
        """Measure with a fresh setup before every single call, as many rounds as it takes."""
        return self._run(Call(function, (), {}, setup, teardown, awaits=awaits(function)))

    def labelled(self, label: str) -> Benchmark:
        """Name the next measurement of this test: ``benchmark.labelled("parse")(parse, text)``."""
        self._label = label
        return self

    def compare(
        self, implementations: Mapping[str, Callable[[], Any]], *, same_result: bool = False
    ) -> Comparison:
        """Measure callables side by side, their rounds interleaved; ratios carry intervals."""
        calls = [Call(one, awaits=awaits(one)) for one in implementations.values()]
        self._only_timed(*calls, same_result=same_result)
        with self._alone():
            request = self._request(grouped=True)
            found = compare(implementations, request, same_result=same_result)
        for result in found.results.values():
            self._kept(result)
        return found

    def scaling(
        self,
        sizes: Sequence[int],
        make: Callable[[int], Any],
        function: Callable[[Any], Any],
    ) -> Scaling:
        """Measure ``function(make(size))`` over sizes and fit how its cost grows."""
        self.used = True
        if not self.enabled:
            self._only_timed(Call(function, (make(min(sizes)),), awaits=awaits(function)))
        with self._alone():
            found = scaling(sizes, make, function, self._request(grouped=True))
        for result in found.results:
            self._kept(result)
        return found

    def weave(self, target: Any, **options: Any) -> None:
        """Measure ``target`` wherever it is called from now on in this test; needs aspectlib."""
        from paceline.plugin.dropin.weaving import woven  # noqa: PLC0415  (only where it is used)

        self._undo.append(woven(self, target, **options))

    patch = weave

    def unweave(self) -> None:
        """Let what was woven be as it was."""
        while self._undo:
            self._undo.pop()()

    def timed(self, label: str = "", *, items: float = 0.0) -> timed:
        """Time a block under ``with``, once or each time it is entered."""
        self.used = True
        case = self._case(label or self._label)
        self._label = ""
        timer = self._timer or find_timer(self.options.timer)
        block = timed(case.id, items=items, timer=timer, conditions=self._conditions)
        if self.enabled:
            self._blocks.append((case, block))
        return block

    def unused(self) -> Warning | None:
        """Give what to warn of at the end of a test that asked for the fixture in vain."""
        if not self.passed or self.used:
            return None
        return PacelineWarning("the benchmark fixture was asked for and not used")

    def told(self) -> tuple[Metadata, ...]:
        """Give what was measured, with the group, notes and error of this moment."""
        for one in self.measured:
            one.has_error = self.has_error
        if self.measured:
            latest, now = self.measured[-1], self._about(self.measured[-1].measurement.case)
            latest.group, latest.extra_info = now.group, now.extra_info
        return tuple(self.measured)

    def take(self, *, last: bool) -> tuple[Measurement, ...]:
        """Hand over what was measured since the last time; blocks when the test is ``last`` seen.

        A group or extra information that was set later than a measurement is the last one's too.
        """
        taken = [*self._taken]
        self._taken.clear()
        if last:
            blocks = [one for case, block in self._blocks for one in block.measurements(case)]
            taken += [(one, self._notes()) for one in blocks if one.values]
            self._blocks.clear()
        if not taken:
            return ()
        latest = taken[-1][0].case.id
        now = self._notes()
        return tuple(
            self._finished(one, {**notes, **now} if one.case.id == latest else notes)
            for one, notes in taken
        )

    def _notes(self) -> dict[str, Any]:
        info: object = self.extra_info  # a test may have put anything in its place
        return dict(info) if isinstance(info, dict) else {"extra_info": info}

    def _finished(self, measurement: Measurement, notes: dict[str, Any]) -> Measurement:
        case = measurement.case
        if not case.group and self.group:
            case = dataclasses.replace(case, group=text_of(self.group))
        extra = measurement.extra
        if measurement.metric.name == "wall_time":
            extra += tuple((text_of(name), as_json(value)) for name, value in notes.items())
        return dataclasses.replace(measurement, case=case, extra=extra)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Refuse a benchmark inside the code of another: each would measure the other's harness."""
        if self._busy:
            raise MeasureError("a benchmark was asked for inside the code that is being measured")
        self._busy = True
        try:
            yield
        except Exception:
            self.has_error = True
            raise
        finally:
            self._busy = False

    def _run(self, call: Call[T], fixed: Fixed | None = None) -> T:
        if not self.enabled:
            self.used = True
            return once(call)
        request = self._request(fixed=fixed)
        if call.awaits and in_event_loop():
            return self._awaited(call, request)  # type: ignore[return-value]  # a coroutine gives T
        self.used = True
        with self._alone():
            result = self._kept(run(call, request))
            if self.cprofile and not call.awaits:
                self._profile(call, result.wall_time.iterations)
            return result.value

    async def _awaited(self, call: Call[T], request: Request) -> T:
        self.used = True
        with self._alone():
            return self._kept(await run_async(call, request)).value

    def _kept(self, result: Result[T]) -> Result[T]:
        notes = self._notes()
        self._taken += [(one, notes) for one in result.measurements]
        made = Metadata(result.wall_time, self._about(result.wall_time.case), fixture=self)
        self.stats = made
        self.measured.append(made)
        self.value = result.value
        return result

    def _about(self, case: Case) -> About:
        name = f"{self.name}#{case.label}" if case.label else self.name
        extra: Any = self.extra_info  # a test may have put anything in its place
        return About(
            case=str(case.id),
            name=name,
            fullname=str(case.id),
            group=self.group or case.group or None,
            param=self.param,
            params=self.params,
            extra_info=extra if isinstance(extra, dict) else {"extra_info": extra},
            options=option_facts(self.options, self._timer),
        )

    def _profile(self, call: Call[Any], iterations: int) -> None:
        """Profile more calls, after the rounds so that no figure holds the profiler's cost."""
        from paceline.plugin.dropin.profiling import dump, functions, profiled  # noqa: PLC0415

        loops = iterations if self.cprofile_loops is None else self.cprofile_loops
        found, made, options = profiled(call, loops), self.measured[-1], self._dropin
        self.cprofile_stats = made.cprofile_stats = found
        made.cprofile = functions(
            found, options.cprofile, options.cprofile_top, project=self._folder
        )
        if self.cprofile_dump:
            dump(found, self.cprofile_dump, self.name, folder=self._folder)

    def _request(self, *, fixed: Fixed | None = None, grouped: bool = False) -> Request:
        label, self._label = self._label, ""
        case = self._case(label)
        if grouped and not case.group:
            case = dataclasses.replace(case, group=self.fullname.rpartition("/")[2])
        return Request(
            case=case,
            options=self.options,
            fixed=fixed,
            items=_amount(self.items, self._place),
            item_unit=self.item_unit,
            conditions=self._conditions,
            timer=self._timer,
            director=self._director,
        )

    def _case(self, label: object) -> Case:
        named = text_of(label)
        if named in self._labels and named:
            raise MeasureError(
                f"this test has measured something labelled {named!r} already",
                remedy="give each measurement of a test a label of its own",
            )
        number = 2
        while named in self._labels:
            named, number = str(number), number + 1
        self._labels.add(named)
        return Case(
            node_id=self.fullname,
            label=named,
            parameters=self._parameters,
            group=text_of(self.group or ""),
            markers=self._markers,
        )

    def _only_timed(self, *calls: Call[Any], same_result: bool = False) -> None:
        """Where benchmarks run once, run these and skip what the test asserts about figures."""
        self.used = True
        if self.enabled:
            return
        values = [once(call) for call in calls]
        if same_result and not all(same(values[0], value) for value in values[1:]):
            raise AssertionError("the implementations returned different values")
        pytest.skip("benchmarks run once, untimed: there are no figures to assert on")


def open_benchmark(request: pytest.FixtureRequest, session: Session) -> Iterator[Benchmark]:
    """Make the fixture's object for one test; wrong markers fail that test with their place."""
    item: pytest.Item = request.node
    kind = Benchmark
    if session.style is Style.DROPIN:
        from paceline.plugin.dropin.fixture import BenchmarkFixture  # noqa: PLC0415  (not in ours)

        kind = BenchmarkFixture
    try:
        made = kind(item, session)
    except PacelineError as error:
        pytest.fail(str(error), pytrace=False)
    add_source(item, made)
    try:
        yield made
    finally:
        made.unweave()
        made.value = None  # the item lives on to the session's end; what the code returned need not
    warning = made.unused()
    if warning is not None:
        item.warn(warning)


def _amount(value: Any, place: Place) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"items or bytes of one call: {value!r} is no number",
            place=place,
            remedy="write a number, as in @pytest.mark.benchmark(items=100)",
        ) from error
