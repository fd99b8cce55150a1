"""What the library promises, checked on this machine in less than a minute.

For people who package or port the library: every promise has a verdict, and the figure that decided it. Nothing but
the package itself and NumPy is needed.

Example:
    >>> import pgrad.selftest
    >>> verdicts = pgrad.selftest.run(only="version")
    >>> verdicts[0].holds
    True
"""

from pgrad.selftest.verdict import Verdict, run

__all__ = ["Verdict", "run"]
