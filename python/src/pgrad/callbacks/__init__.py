"""Callbacks: what runs while an agent learns.

Pass one, or a list, to `learn`::

    agent.learn(100_000, callback=[
        pgrad.callbacks.EvalCallback("CartPole-v1", best_model_save_path="best"),
        pgrad.callbacks.CheckpointCallback(save_freq=10_000, save_path="checkpoints"),
    ])

A plain function of the agent is called after every update. Derive from `Callback` to use other moments.
"""

from pgrad.callbacks._callback import Callback, CallbackLike, CallbackList
from pgrad.callbacks._checkpoint import CheckpointCallback
from pgrad.callbacks._evaluation import EvalCallback
from pgrad.callbacks._every import EveryNTimesteps
from pgrad.callbacks._stopping import (
    StopTrainingOnMaxEpisodes,
    StopTrainingOnNoModelImprovement,
    StopTrainingOnRewardThreshold,
)

__all__ = [
    "Callback",
    "CallbackLike",
    "CallbackList",
    "CheckpointCallback",
    "EvalCallback",
    "EveryNTimesteps",
    "StopTrainingOnMaxEpisodes",
    "StopTrainingOnNoModelImprovement",
    "StopTrainingOnRewardThreshold",
]
