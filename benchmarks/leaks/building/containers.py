"""Containers of every kind: what only grows, and what looks so and ends."""

from __future__ import annotations

import heapq
import sys
from array import array
from collections import Counter, OrderedDict, UserDict, deque
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import filling, harmless, leak, seeded

SOURCE = seeded()
SIZE = SOURCE.choice((24, 40, 64))
CALLS = count()


ROWS: list[tuple[int, int]] = []


@leak(lambda: len(ROWS))
def row_a_call() -> None:
    """Keep one pair of numbers a call in a list."""
    number = next(CALLS)
    ROWS.append((number, number * 7))


PLACES: dict[tuple[int, str], None] = {}


@leak(lambda: len(PLACES), each=0.25)
def place_every_fourth_call() -> None:
    """Keep a tuple as a dictionary's key, one call in four."""
    number = next(CALLS)
    if number % 4 == 1:
        PLACES[number, "place"] = None


SEEN: set[str] = set()


@leak(lambda: len(SEEN))
def name_seen() -> None:
    """Remember each name ever seen in a set."""
    SEEN.add(f"visitor-{SOURCE.getrandbits(60):x}")


EVENTS: deque[float] = deque()


@leak(lambda: len(EVENTS), each=2)
def events_unbounded() -> None:
    """Append two floats a call to a deque without a bound and take none."""
    EVENTS.append(SOURCE.random())
    EVENTS.append(SOURCE.random())


TALLIES: Counter[int] = Counter()


@leak(lambda: len(TALLIES), each=0.1)
def counter_of_new_keys() -> None:
    """Count keys of which one in ten calls is new."""
    TALLIES[next(CALLS) // 10] += 1


LAYERS: dict[str, Any] = {"top": None, "depth": 0}


@leak(lambda: LAYERS["depth"])
def linked_list() -> None:
    """Push a node on a linked list of tuples that nobody pops."""
    LAYERS["top"] = (LAYERS["top"],)
    LAYERS["depth"] += 1


SAMPLES = array("d")


@leak(lambda: len(SAMPLES), each=4)
def samples_in_array() -> None:
    """Append four doubles a call to an array."""
    SAMPLES.extend((0.5, 1.5, 2.5, 3.5))


LOG = {"text": ""}


@leak(lambda: len(LOG["text"]), each=32)
def text_concatenated() -> None:
    """Make one string longer by a line a call."""
    LOG["text"] += f"{next(CALLS):031d}\n"


PRIORITIES: list[tuple[float, int]] = []


@leak(lambda: len(PRIORITIES))
def heap_pushed() -> None:
    """Push on a heap each call, pop never."""
    heapq.heappush(PRIORITIES, (SOURCE.random(), next(CALLS)))


REGISTRY: UserDict[str, complex] = UserDict()


@leak(lambda: len(REGISTRY))
def mapping_class() -> None:
    """Keep complex numbers by name in a mapping of one's own class."""
    REGISTRY[f"z{next(CALLS)}"] = complex(next(CALLS), 1)


RING: list[bytes | None] = [None] * 256


@harmless(lambda: sum(slot is not None for slot in RING), most=256)
def ring_buffer() -> None:
    """Write around a ring of 256 slots, sizes varied."""
    RING[next(CALLS) % 256] = bytes(SOURCE.randrange(20, 400))


SESSIONS: dict[int, list[int]] = {}


@harmless(lambda: len(SESSIONS), most=400)
def oldest_evicted() -> None:
    """Keep 400 sessions and evict the oldest."""
    SESSIONS[next(CALLS)] = [0] * SIZE
    if len(SESSIONS) > 400:
        del SESSIONS[next(iter(SESSIONS))]


BINS: Counter[int] = Counter()


@harmless(lambda: len(BINS), most=100)
def histogram() -> None:
    """Count numbers in 100 fixed bins."""
    BINS[min(99, int(SOURCE.expovariate(0.08)))] += 1


BATCH: list[bytes] = []


@harmless(lambda: len(BATCH), most=200)
def flushed_every_two_hundredth() -> None:
    """Collect bytes and write them together every 200 calls."""
    BATCH.append(bytes(SIZE))
    if len(BATCH) >= 200:
        b"".join(BATCH)
        BATCH.clear()


PAGES: list[bytearray] = []


@harmless(lambda: len(PAGES), most=160)
def pages_written() -> None:
    """Collect pages of 256 B and swap the list for a new one every 160 calls."""
    PAGES.append(bytearray(256))
    if len(PAGES) == 160:
        PAGES[:] = []


RESERVOIR: list[tuple[int, float]] = []


@harmless(lambda: len(RESERVOIR), most=100)
def reservoir() -> None:
    """Keep a random hundred of all values."""
    number = next(CALLS)
    if len(RESERVOIR) < 100:
        RESERVOIR.append((number, SOURCE.random()))
    elif (slot := SOURCE.randrange(number + 1)) < 100:
        RESERVOIR[slot] = (number, SOURCE.random())


@harmless()
def list_of_nothing() -> list[None]:
    """Give back a list of None that nobody keeps."""
    return [None] * SOURCE.randrange(50, 500)


LINES: OrderedDict[int, str] = OrderedDict()


@harmless(lambda: len(LINES), most=128)
def order_churned() -> None:
    """Move entries of an ordered dictionary about and drop the first beyond 128."""
    LINES[SOURCE.randrange(10_000)] = "line"
    LINES.move_to_end(next(iter(LINES)))
    if len(LINES) > 128:
        LINES.popitem(last=False)


WORDS: list[str] = []


@harmless(lambda: len(WORDS), most=20)
def text_built() -> str:
    """Build a text from parts and clear them."""
    WORDS.extend(f"{SOURCE.random():.6f}" for _ in range(20))
    text = " ".join(WORDS)
    WORDS.clear()
    return text


STACK: list[list[int]] = []


@harmless(lambda: len(STACK), most=40)
def stack_up_and_down() -> None:
    """Pile up 40 calls, take down 40 calls, in turns."""
    if next(CALLS) // 40 % 2:
        STACK.pop()
    else:
        STACK.append([0] * SIZE)


TELEMETRY: deque[tuple[int, float]] = deque(maxlen=100_000)


@filling(lambda: len(TELEMETRY), most=100_000)
def telemetry() -> None:
    """Fill a deque that ends at 100 000 entries."""
    TELEMETRY.append((next(CALLS), SOURCE.random()))
