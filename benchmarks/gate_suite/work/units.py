"""How many equal units of work every benchmark does; benchmarks/gate.py changes it on one side."""

UNITS = 100
