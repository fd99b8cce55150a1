"""Agents that learn together in several processes, on one machine or many.

The library sums over the processes where an update needs it; how numbers travel is the caller's choice: `mpi` uses MPI,
and `join` takes any function that sums an array over all processes.
"""

from pgrad.distributed._ranks import join, leave

__all__ = ["join", "leave"]
