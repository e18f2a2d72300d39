"""The names of pytest-benchmark, answered by Paceline."""

__version__ = "5.3.1"
"""The release whose behaviour and formats are offered."""
