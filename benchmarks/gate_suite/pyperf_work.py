"""The same twelve benchmarks for pyperf."""

import pyperf
import work

runner = pyperf.Runner()
for name in work.__all__:
    runner.bench_func(name, getattr(work, name))
