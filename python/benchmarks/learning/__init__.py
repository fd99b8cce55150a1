"""How well agents learn: environments × algorithms × seeds, and a report made from the raw records alone."""
