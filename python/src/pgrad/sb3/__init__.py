"""Agents with the names, arguments and methods of Stable-Baselines3 and its Contrib.

A script is ported by changing its imports::

    from pgrad.sb3 import PPO, make_vec_env

    vec_env = make_vec_env("CartPole-v1", n_envs=4)
    model = PPO("MlpPolicy", vec_env, verbose=1)
    model.learn(total_timesteps=25_000)
    model.save("ppo_cartpole")

Every agent is also one of pgrad's: `pgrad.evaluate`, `pgrad.load` and all of its methods work with it.
"""

from pgrad._extras import needs
from pgrad.callbacks import (
    StopTrainingOnMaxEpisodes,
    StopTrainingOnNoModelImprovement,
    StopTrainingOnRewardThreshold,
)

with needs("pgrad.sb3", "gymnasium"):
    import gymnasium as _gymnasium  # noqa: F401

from pgrad.sb3._base_callback import BaseCallback
from pgrad.sb3._callbacks import (
    CallbackList,
    CheckpointCallback,
    EvalCallback,
    EveryNTimesteps,
    MaskableEvalCallback,
    ProgressBarCallback,
)
from pgrad.sb3._evaluation import evaluate_policy
from pgrad.sb3._logging import configure
from pgrad.sb3._masks import ActionMasker, get_action_masks, is_masking_supported
from pgrad.sb3._monitor import Monitor
from pgrad.sb3._policy import ActorCriticPolicy
from pgrad.sb3._rates import ConstantSchedule, FloatSchedule, LinearSchedule
from pgrad.sb3._seeding import set_random_seed
from pgrad.sb3._transposing import VecTransposeImage
from pgrad.sb3._vec_env import VecEnv
from pgrad.sb3._vec_env_makers import DummyVecEnv, SubprocVecEnv, make_vec_env
from pgrad.sb3._vec_normalize import VecNormalize
from pgrad.sb3.a2c import A2C
from pgrad.sb3.maskable import MaskablePPO
from pgrad.sb3.ppo import PPO
from pgrad.sb3.recurrent import RecurrentPPO
from pgrad.sb3.trpo import TRPO

__all__ = [
    "A2C",
    "PPO",
    "TRPO",
    "ActionMasker",
    "ActorCriticPolicy",
    "BaseCallback",
    "CallbackList",
    "CheckpointCallback",
    "ConstantSchedule",
    "DummyVecEnv",
    "EvalCallback",
    "EveryNTimesteps",
    "FloatSchedule",
    "LinearSchedule",
    "MaskableEvalCallback",
    "MaskablePPO",
    "Monitor",
    "ProgressBarCallback",
    "RecurrentPPO",
    "StopTrainingOnMaxEpisodes",
    "StopTrainingOnNoModelImprovement",
    "StopTrainingOnRewardThreshold",
    "SubprocVecEnv",
    "VecEnv",
    "VecNormalize",
    "VecTransposeImage",
    "configure",
    "evaluate_policy",
    "get_action_masks",
    "is_masking_supported",
    "make_vec_env",
    "set_random_seed",
]
