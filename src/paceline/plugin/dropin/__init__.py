"""What pytest-benchmark's users have in their suites: hooks, session, fixture, saved runs."""
