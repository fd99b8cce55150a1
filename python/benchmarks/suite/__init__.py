"""The benchmarks, one file each, with a function ``measure`` and the numbers of threads to measure with."""
