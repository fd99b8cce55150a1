"""The policy gradient theorem, checked line by line in numbers.

    ∇J(θ) = E[ Σ_t γ^t A(s_t, a_t) ∇log π(a_t|s_t, θ) ]

Every line of the derivation is tested with the library's scores in MDPs that are small enough to be solved exactly. The
expected results are computed independently in double precision, with finite differences, enumeration and linear
algebra.

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
