"""Keeps scripts that need torch from the tests, which do not."""

collect_ignore_glob = ["make_*.py", "compare_*.py"]
