from __future__ import annotations

from paceline.suite.exclusive import grouped
from paceline.suite.ladder import Facts
from paceline.suite.task import Task

FACTS = Facts(exclusive=(("server", "port 8000"), ("base", "file db")))


def groups(*tasks: tuple[tuple[str, ...], str]) -> list[str]:
    made = [Task(at, f"a::{at}", "a", shared=one[0], group=one[1]) for at, one in enumerate(tasks)]
    return [task.group for task in grouped(made, FACTS)]


def test_users_of_an_exclusive_fixture_become_one_group() -> None:
    found = groups(((". fixture server",), ""), ((), ""), (("a fixture server[x]",), ""))
    assert found == ["owner of port 8000", "", "owner of port 8000"]


def test_groups_that_share_a_test_become_one() -> None:
    both = (". fixture server", ". fixture base")
    found = groups((both, "g"), ((), "g"), ((". fixture base",), "h"), ((), "h"), ((), "i"))
    assert len(set(found[:4])) == 1
    assert found[4] == "i"
