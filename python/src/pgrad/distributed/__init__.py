"""Agents that learn with the help of other processes, on one machine or many."""
