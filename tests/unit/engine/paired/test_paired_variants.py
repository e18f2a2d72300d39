from __future__ import annotations

import pytest

from paceline.engine.paired.variants import matching, variants_of
from paceline.errors import UsageError


def item(name: str, *parameters: tuple[str, str]) -> dict[str, object]:
    return {"item": name, "parameters": [list(one) for one in parameters]}


def test_two_values_of_a_parameter_pair_up_by_the_others() -> None:
    key = matching(variants_of("impl=loop", "impl=numpy"))
    loop = key("base", item("t.py::t[loop-10]", ("impl", "loop"), ("n", "10")))
    assert loop == key("head", item("t.py::t[numpy-10]", ("impl", "numpy"), ("n", "10")))
    assert loop != key("head", item("t.py::t[numpy-99]", ("impl", "numpy"), ("n", "99")))


def test_items_without_the_value_take_no_part() -> None:
    key = matching(variants_of("impl=loop", "impl=numpy"))
    assert key("base", item("t.py::t[numpy]", ("impl", "numpy"))) is None
    assert key("base", item("t.py::u")) is None


@pytest.mark.parametrize("text", [None, "main", "pkg==1.2", "a b=c", "../old"])
def test_everything_else_is_no_variant(text: str | None) -> None:
    assert variants_of(text, None) == {}
    assert matching({})("base", item("t.py::t")) == "t.py::t"


@pytest.mark.parametrize("head", [None, "main", "other=numpy"])
def test_one_side_alone_is_refused(head: str | None) -> None:
    with pytest.raises(UsageError, match="no two values"):
        variants_of("impl=loop", head)
