"""Measures the speed of pgrad and of other libraries in one run: ``python -m benchmarks``."""
