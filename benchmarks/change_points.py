"""Hold our change points against labels, with Otava's and asv's detectors beside us.

    make change-points DATA=FOLDER   (or: python benchmarks/change_points.py --data FOLDER)

Needs Paceline, apache-otava and asv in one environment; without ``--data`` only what it makes
itself is judged. FOLDER holds two public sets, which are not ours to keep: the ``hana`` folder of
SAP/performance-regression-data-set (CC-BY-4.0) and ``rq3/annotations.json`` of
mtucci/changepoint-performance-regression-study.

Labelled sets. ``hana/small_2021``: one label a series, judged by single measurements and by the
means of builds. ``large_2022``: the series that people annotated whole, as means of builds. Made:
five steps of 2 to 20 % in 300 values, up or down, at least 15 apart, noise of 0.5 to 2 % that is
Gaussian, skewed (exponential, 3 % spikes of 10 to 100 %) or autocorrelated (0.3). Scores are those
of van den Burg and Williams (2020, arXiv:2003.06222): margin 5, the start of a series counts as a
point, recall is the mean over annotators. "never alarm" shows what silence earns; "right" counts
series with a score of 1.

Silence. The same noises without a step: false points a series, and the share of series with any,
with its one-sided 99 % bound (Clopper and Pearson).

Time. Each peer and we take turns on the same series; the ratio is the median over the turns.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asv.step_detect import detect_steps
from otava.analysis import compute_change_points

from paceline.stats.changepoint import Detector, detect
from paceline.stats.distribution import clopper_pearson_upper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MARGIN = 5
LENGTH, STEPS, APART = 300, 5, 15
KINDS = ("Gaussian", "skewed", "autocorrelated")
LIKENESS = 0.3
SPIKES = 0.03
LEVEL = 0.99
TIMED = ((100, 15), (1_000, 9), (10_000, 5))  # values, turns


@dataclass(frozen=True)
class Labelled:
    """A series and where each annotator sees its level move."""

    values: list[float]
    labels: tuple[frozenset[int], ...]


def ours(values: Sequence[float]) -> list[int]:
    """Detect as Paceline does."""
    return [point.index for point in detect(values)]


def otava(values: Sequence[float], **settings: float) -> list[int]:
    """Detect as Apache Otava does."""
    return [int(point.index) for point in compute_change_points(values, **settings)[0]]


def asv(values: Sequence[float]) -> list[int]:
    """Detect as asv's regressions page does: every step but the first level."""
    return [left for left, *_rest in detect_steps(values)[1:]]


DETECTORS: dict[str, Callable[[Sequence[float]], list[int]]] = {
    "Paceline": ours,
    "Otava": otava,
    "Otava, p = 1e-5": lambda values: otava(values, max_pvalue=1e-5),
    "Otava, 5 % at least": lambda values: otava(values, min_magnitude=0.05),
    "asv": asv,
    "never alarm": lambda _values: [],
}


def hit(truth: Iterable[int], found: Iterable[int]) -> int:
    """Count true points with a found one near; a found point serves one of them."""
    free, hits = set(found), 0
    for point in sorted(truth):
        near = [(abs(point - one), one) for one in free if abs(point - one) <= MARGIN]
        if near:
            free.remove(min(near)[1])
            hits += 1
    return hits


def score(series: Labelled, found: Sequence[int]) -> tuple[float, float, float]:
    """Give F1, precision and recall; the start of the series counts as a point."""
    points = {0, *found}
    truths = [{0, *labels} for labels in series.labels]
    precision = hit(set().union(*truths), points) / len(points)
    recall = statistics.fmean(hit(truth, points) / len(truth) for truth in truths)
    return 2 * precision * recall / (precision + recall), precision, recall


def noise(kind: str, source: random.Random, count: int) -> Iterator[float]:
    """Draw relative noise around 1."""
    sigma, state = source.uniform(0.005, 0.02), source.gauss(0, 1)
    for _ in range(count):
        fresh = source.gauss(0, 1)
        if kind == "skewed":
            spike = source.uniform(1.1, 2) if source.random() < SPIKES else 1
            yield (1 + sigma * (source.expovariate(1) - 1)) * spike
        elif kind == "Gaussian":
            yield 1 + sigma * fresh
        else:
            state = LIKENESS * state + math.sqrt(1 - LIKENESS**2) * fresh
            yield 1 + sigma * state


def made(kind: str, seed: int, *, steps: int = STEPS, count: int = LENGTH) -> Labelled:
    """Make a series with steps."""
    source = random.Random(f"{kind} {seed} {steps}")
    room = count - APART * (steps + 1)
    places = [p + APART * n for n, p in enumerate(sorted(source.choices(range(room), k=steps)), 1)]
    level, values = 1.0, []
    for index, value in enumerate(noise(kind, source, count)):
        if index in places:
            level *= (1 + source.uniform(0.02, 0.2)) ** source.choice((-1, 1))
        values.append(level * value)
    return Labelled(values, (frozenset(places),))


def column(file: Path, name: str) -> list[dict[str, str]]:
    """Read the rows of a file that has a column of this name."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert name in rows[0], f"{file} has no column {name!r}"
    return rows


def small(folder: Path) -> Iterator[tuple[Labelled, Labelled]]:
    """Read the 25 series with one label each: every measurement, and the means of builds."""
    with (folder / "metadata" / "dataset_details.csv").open(encoding="utf-8") as lines:
        details = list(csv.DictReader(lines, delimiter=";"))
    for detail in details:
        rows = column(folder / "data" / detail["Dataset"], "Measurement")
        builds = means(rows, "GHC", "Measurement")
        moved = detail["Type"].strip().lower() == "regression"
        last = int(detail["Change Point"])  # counted from 1: the index of the next from 0
        after = sum(build <= int(rows[last - 1]["GHC"]) for build in builds)
        yield (
            Labelled([float(one["Measurement"]) for one in rows], (frozenset([last] * moved),)),
            Labelled(list(builds.values()), (frozenset([after] * moved),)),
        )


def means(rows: Sequence[dict[str, str]], build: str, value: str) -> dict[int, float]:
    """Average the measurements of each build, in the order of builds."""
    values = defaultdict(list)
    for row in rows:
        values[int(row[build])].append(float(row[value]))
    return {number: statistics.fmean(values[number]) for number in sorted(values)}


def large(folder: Path, annotations: Path) -> Iterator[Labelled]:
    """Read the series that were annotated as they are, not in parts or shuffled."""
    for name, seen in json.loads(annotations.read_text(encoding="utf-8")).items():
        source, _, number = name.partition("_")
        if source != "sap" or not number.isdecimal():
            continue
        (file,) = (folder / "data").glob(f"{int(number):05d}__*.csv")
        builds = means(column(file, "value"), "sut_version", "value")
        yield Labelled(list(builds.values()), tuple(frozenset(points) for points in seen.values()))


def labelled(data: Path | None, series: int) -> dict[str, list[Labelled]]:
    """Gather the sets by name."""
    sets = {}
    if data is not None:
        hana = data / "hana"
        single, built = zip(*small(hana / "small_2021"), strict=True)
        sets["SAP small, single measurements"] = list(single)
        sets["SAP small, means of builds"] = list(built)
        annotations = data / "rq3" / "annotations.json"
        sets["SAP large, means of builds"] = list(large(hana / "large_2022", annotations))
    return sets | {kind: [made(kind, seed) for seed in range(series)] for kind in KINDS}


def print_scores(sets: dict[str, list[Labelled]]) -> None:
    """Print a table a set."""
    for name, members in sets.items():
        print(f"\n{name}, {len(members)} series")
        print(f"{'':22}{'F1':>7}{'precision':>11}{'recall':>8}  right")
        for detector, call in DETECTORS.items():
            scores = [score(one, call(one.values)) for one in members]
            f1, precision, recall = map(statistics.fmean, zip(*scores, strict=True))
            right = sum(one[0] > 1 - 1e-9 for one in scores)
            print(f"{detector:22}{f1:7.3f}{precision:11.3f}{recall:8.3f}{right:7}")


def print_silence(series: int) -> None:
    """Print what is found where nothing is."""
    print(f"\nno step, {series} series of {LENGTH} values\n{'':22}", end="")
    print("".join(f"{kind:>30}" for kind in KINDS))
    for detector, call in list(DETECTORS.items())[:-1]:
        cells = []
        for kind in KINDS:
            counts = [len(call(made(kind, seed, steps=0).values)) for seed in range(series)]
            bound = clopper_pearson_upper(sum(map(bool, counts)), series, LEVEL)
            points, share = statistics.fmean(counts), statistics.fmean(map(bool, counts))
            cells.append(f"{points:.3f} points, {share:.1%} (≤ {bound:.1%})")
        print(f"{detector:22}" + "".join(f"{cell:>30}" for cell in cells))


def seconds(call: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def print_times() -> None:
    """Print how long we take, and our time over each peer's."""
    peers = {name: DETECTORS[name] for name in ("Otava", "asv")}
    print(f"\n{'values':>7}{'steps':>7}{'ours':>11}{'append':>11}", end="")
    print("".join(f"{f'ours/{name}':>13}" for name in peers))
    for count, turns in TIMED:
        for steps in (0, STEPS):
            values = made("Gaussian", 1, steps=steps, count=count).values
            growing = Detector(values)
            taken, appended, ratios = [], [], defaultdict(list)
            for _ in range(turns):
                appended.append(seconds(lambda growing=growing: growing.append(1.0)))
                for name, peer in peers.items():
                    taken.append(seconds(lambda values=values: ours(values)))
                    theirs = seconds(lambda values=values, peer=peer: peer(values))
                    ratios[name].append(taken[-1] / theirs)
            print(f"{count:7,}{steps:7}{1e3 * statistics.median(taken):8.2f} ms", end="")
            print(f"{1e3 * statistics.median(appended):8.2f} ms", end="")
            print("".join(f"{statistics.median(ratios[name]):13.3f}" for name in peers))


def main() -> None:
    """Print scores, silence and times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="folder of the labelled sets")
    parser.add_argument("--series", type=int, default=60, help="made series of each kind")
    parser.add_argument("--nulls", type=int, default=300, help="series without a step, each kind")
    given = parser.parse_args()
    print_scores(labelled(given.data, given.series))
    print_silence(given.nulls)
    print_times()


if __name__ == "__main__":
    main()
