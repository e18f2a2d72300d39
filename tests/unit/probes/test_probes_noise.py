import math
import random
from pathlib import Path

import pytest

from paceline.guard.noise import Noise, spread
from paceline.probes import noise as noise_probe
from paceline.probes.noise import Clocks, observe_noise
from paceline.probes.processor import allowed

STAT = "cpu 0 0 0 0\n{lines}intr 1\n"


class Machine:
    """A clock that only work moves: ``cost`` gives the seconds of the next round, by number."""

    def __init__(self, cost: float = 1e-4, *, spike: float = 1.0, every: int = 10**9) -> None:
        self.now, self.used, self.calls = 0.0, 0.0, 0
        self.cost, self.spike, self.every = cost, spike, every

    def work(self, count: int) -> None:
        self.calls += 1
        own = count * self.cost
        self.used += own
        self.now += own * (self.spike if self.calls % self.every == 0 else 1.0)

    def look(self, seconds: float, root: Path) -> Noise:
        clocks = Clocks(lambda: self.now, lambda: self.used)
        order = random.Random(1)  # noqa: S311  (an order, no secret)
        return observe_noise(seconds, clocks=clocks, work=self.work, order=order, root=root)


def test_a_perfect_machine_shows_no_noise(tmp_path: Path) -> None:
    noise = Machine().look(2.0, tmp_path)
    assert noise.batch == pytest.approx(1e-3)
    assert spread(noise.pairs) == pytest.approx(0.0, abs=1e-9)
    assert spread(noise.tenths) == pytest.approx(0.0, abs=1e-9)
    assert (noise.disturbed, noise.stolen, noise.others, noise.sibling) == (0.0, None, None, None)


def test_the_loop_ends_with_the_pair_that_reaches_the_time(tmp_path: Path) -> None:
    noise = Machine().look(2.0, tmp_path)
    assert 2.0 <= noise.seconds <= 2.05
    assert len(noise.batches) == 40 * len(noise.pairs)
    assert len(noise.tenths) == 10


def test_batches_that_others_interrupt_are_counted_and_left_out_by_medians(tmp_path: Path) -> None:
    noise = Machine(spike=3.0, every=10).look(2.0, tmp_path)
    assert noise.disturbed == pytest.approx(0.1, abs=0.01)
    assert spread(noise.batches) > 0.2
    assert spread(noise.pairs) < 1e-9


def test_a_slow_machine_still_gives_one_pair(tmp_path: Path) -> None:
    noise = Machine(cost=1.0).look(0.5, tmp_path)
    assert len(noise.pairs) == 1
    assert noise.batch == pytest.approx(1.0)


def test_a_clock_too_coarse_for_a_batch_breaks_nothing(tmp_path: Path) -> None:
    machine = Machine()
    clocks = Clocks(lambda: math.floor(machine.now / 0.0156) * 0.0156, lambda: machine.used)
    noise = observe_noise(0.5, clocks=clocks, work=machine.work, root=tmp_path)
    assert all(map(math.isfinite, noise.pairs))


def test_the_processors_are_given_back(tmp_path: Path) -> None:
    before = allowed()
    assert Machine().look(0.1, tmp_path).pinned is bool(before)
    assert allowed() == before


def test_where_no_processor_can_be_kept_nothing_is_said_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noise_probe, "pin", lambda _processor: False)
    noise = Machine().look(0.1, tmp_path)
    assert (noise.pinned, noise.stolen, noise.others, noise.sibling) == (False, None, None, None)


def test_stolen_time_others_and_siblings_are_shares_of_what_passed(tmp_path: Path) -> None:
    machine, processor = Machine(), (allowed() or (0,))
    cpu = tmp_path / "sys/devices/system/cpu"
    (tmp_path / "proc").mkdir()

    def write(busy: int, idle: int, stolen: int, sibling: int) -> None:
        lines = "".join(f"cpu{one} {busy} 0 0 {idle} 0 0 0 {stolen} 0\n" for one in processor)
        text = STAT.format(lines=f"{lines}cpu99 {sibling} 0 0 {3 * sibling} 0 0 0 0\n")
        (tmp_path / "proc/stat").write_text(text, encoding="ascii")

    def work(count: int) -> None:
        machine.work(count)
        if machine.now > 0.5:
            write(busy=180, idle=10, stolen=10, sibling=50)

    for one in processor:
        (cpu / f"cpu{one}/topology").mkdir(parents=True)
        (cpu / f"cpu{one}/topology/thread_siblings_list").write_text(f"{one},99", encoding="ascii")
    write(busy=0, idle=0, stolen=0, sibling=0)
    clocks = Clocks(lambda: machine.now, lambda: machine.used / 2)
    noise = observe_noise(1.0, clocks=clocks, work=work, root=tmp_path)
    assert noise.stolen == pytest.approx(0.05)
    assert noise.others == pytest.approx(0.9 - 0.5, abs=0.01)
    assert noise.sibling == pytest.approx(0.25)


def test_the_real_loop_and_clocks_give_figures() -> None:
    noise = observe_noise(0.001)
    assert len(noise.batches) == 40
    assert all(map(math.isfinite, (*noise.batches, *noise.pairs)))
