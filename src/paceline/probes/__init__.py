"""Touch the machine to measure it."""
