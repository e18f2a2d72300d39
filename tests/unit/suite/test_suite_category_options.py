from __future__ import annotations

from paceline.errors import Place
from paceline.options import Entry
from paceline.settings.resolve import Layer, resolve
from paceline.suite.category_options import CategoryOptions, Network, OrderBy
from paceline.suite.collection_options import CollectionOptions


def test_texts_become_the_values_that_they_name() -> None:
    texts = {"order_by": "category", "slow_from": "500 ms", "network": "off", "skip_slow": "yes"}
    entries = {f"categories.{key}": Entry(text, Place("file", 1)) for key, text in texts.items()}
    found = resolve(CategoryOptions, [Layer("file", entries)])
    assert found == CategoryOptions(
        OrderBy.CATEGORY, skip_slow=True, slow_from=0.5, network=Network.OFF
    )


def test_nothing_is_left_out_or_reordered_unasked() -> None:
    found = resolve(CategoryOptions, [])
    assert (found.order_by, found.skip_slow, found.unmarked) == (OrderBy.NONE, False, False)
    assert not resolve(CollectionOptions, []).cache
