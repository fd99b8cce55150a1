"""A policy shared by three agents in simple_spread, by pgrad and by Stable-Baselines3 through SuperSuit."""
