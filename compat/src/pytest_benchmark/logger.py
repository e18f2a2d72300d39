"""Notices and the category of their warnings, for filters."""

from paceline.plugin.dropin.logger import Logger, PytestBenchmarkWarning

__all__ = ["Logger", "PytestBenchmarkWarning"]
