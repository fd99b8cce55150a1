"""Measures how well agents learn: environments × algorithms × seeds, and a report from the raw records."""
