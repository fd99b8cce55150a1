"""Environments with several agents: turns, seats, players and the histories that players learn from."""
