"""The benchmarks, a file for each; every one has a function ``measure`` and the numbers of threads it runs on."""
