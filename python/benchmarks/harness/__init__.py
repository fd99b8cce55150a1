"""Shared by all benchmarks: clocks, goals, the machine's peak, records and the report."""
