"""``python -m pgrad``: the command line, where the command itself is not on the path."""

from pgrad.cli import app

app(prog_name="pgrad")
