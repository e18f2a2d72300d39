"""The parts of benchmarks/suite_speed.py."""
