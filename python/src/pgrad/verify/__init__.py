"""The policy gradient theorem, checked line by line in numbers.

    ∇J(θ) = E[ Σ_t γ^t A(s_t, a_t) ∇log π(a_t|s_t, θ) ]

Every line of the derivation is put to the test with the library's own scores, on worlds small enough to be solved
exactly; what they are held against is computed apart from them, by finite differences, enumeration and linear algebra
in double precision.

Example:
    >>> import pgrad.verify
    >>> report = pgrad.verify.run(trajectories=20_000)
    >>> report.holds
    True
"""

from pgrad.verify.check import Check, Report
from pgrad.verify.derivation import run
from pgrad.verify.setting import Scores, library_scores

__all__ = ["Check", "Report", "Scores", "library_scores", "run"]
