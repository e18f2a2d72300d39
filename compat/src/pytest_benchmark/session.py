"""The session object, and the error that names a regression."""

from paceline.plugin.dropin.session import BenchmarkSession, PerformanceRegression

__all__ = ["BenchmarkSession", "PerformanceRegression"]
