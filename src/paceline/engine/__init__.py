"""Run tasks."""
