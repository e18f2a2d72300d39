"""What Paceline costs where it is installed and not asked for: counted, not timed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOOR = {"paceline", "paceline.plugin", "paceline.plugin.flags", "paceline.plugin.peers"}
IDLE = DOOR | {
    "paceline.plugin.activation",
    "paceline.plugin.benchmark_fixture",
    "paceline.plugin.category_markers",
    "paceline.plugin.dropin",
    "paceline.plugin.dropin.hookspec",
    "paceline.plugin.fixtures",
    "paceline.plugin.hooks",
    "paceline.plugin.marked",
    "paceline.plugin.profile_hooks",
    "paceline.plugin.role",
    "paceline.settings",
    "paceline.settings.optin",
}
STANDING = {
    "pytest_addhooks",
    "pytest_addoption",
    "pytest_cmdline_main",
    "pytest_collection_finish",
    "pytest_configure",
    "pytest_load_initial_conftests",
    "pytest_report_header",
    "pytest_xdist_auto_num_workers",
}
"""The hooks of ours that pytest calls once a session, whether asked for or not."""

IMPORT = """
import json, sys, pytest
before = set(sys.modules)
import paceline.plugin
ours = [module for name, module in sys.modules.items() if name.startswith("paceline")]
defined = [thing.__name__ for module in ours for thing in vars(module).values()
           if hasattr(thing, "__dataclass_fields__")]
print(json.dumps([sorted(set(sys.modules) - before), defined]))
"""
SESSION = """
import json, sys, pytest
pytest.main(["-q", "-p", "no:cacheprovider", "test_nothing.py", *sys.argv[1:]])
print("\\n" + json.dumps(sorted(sys.modules)))
"""


def said(code: str, *arguments: str, folder: Path = ROOT) -> list[list[str]]:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def our_hooks(config: pytest.Config) -> set[str]:
    callers = {name: caller for name, caller in vars(config.hook).items() if name[0] != "_"}
    return {
        name
        for name, caller in callers.items()
        if any(one.function.__module__.startswith("paceline") for one in caller.get_hookimpls())
    }


@pytest.mark.slow
def test_importing_the_plugin_loads_a_flag_table_and_no_dataclass() -> None:
    loaded, dataclasses = said(IMPORT)
    assert set(loaded) == DOOR
    assert dataclasses == []


@pytest.mark.slow
def test_an_idle_session_loads_nothing_but_the_door(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass", encoding="utf-8")
    without = said(SESSION, "-p", "no:paceline", folder=tmp_path)
    assert {str(name) for name in said(SESSION, folder=tmp_path)} - set(map(str, without)) <= IDLE


def test_an_idle_session_has_no_hook_that_runs_per_test(pytester: pytest.Pytester) -> None:
    assert our_hooks(pytester.parseconfigure()) == STANDING


@pytest.mark.slow
def test_an_awake_session_has_hooks_that_this_test_would_see(pytester: pytest.Pytester) -> None:
    assert "pytest_runtest_logreport" in our_hooks(pytester.parseconfigure("--paceline"))


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind counts the instructions")
def test_an_idle_plugin_adds_at_most_one_percent_to_a_test() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "idle_cost.py")]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
