"""The ``benchmark`` fixture's class, for annotations and ``isinstance``."""

from paceline.plugin.dropin.fixture import BenchmarkFixture, FixtureAlreadyUsed

__all__ = ["BenchmarkFixture", "FixtureAlreadyUsed"]

for _class in (BenchmarkFixture, FixtureAlreadyUsed):
    _class.__module__ = __name__  # as tracebacks and logs name them
