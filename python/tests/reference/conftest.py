"""Keeps scripts that need torch from the tests, which do not."""

collect_ignore = ["make_adamw.py", "make_contrib.py", "make_distributions.py", "make_encoders.py", "make_recurrent.py"]
