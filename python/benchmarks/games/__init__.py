"""Self-play in two board games, evaluated in PettingZoo against fixed opponents."""
