"""Keep runs and measurements."""
