"""Self-play: an agent trains against a pool of its own past."""

from pgrad.self_play.evaluating import evaluate
from pgrad.self_play.matches import Matches
from pgrad.self_play.pool import Member, Pool
from pgrad.self_play.training import SelfPlay

__all__ = ["Matches", "Member", "Pool", "SelfPlay", "evaluate"]
