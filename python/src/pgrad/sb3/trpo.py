"""TRPO with the signature of Stable-Baselines3 Contrib."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pgrad import agents
from pgrad._typing import override
from pgrad._validation import real
from pgrad.sb3._algorithm import OnPolicyAlgorithm
from pgrad.sb3._options import refused
from pgrad.spaces import Bernoulli, Gaussian

if TYPE_CHECKING:
    from collections.abc import Callable


class TRPO(OnPolicyAlgorithm, agents.TRPO):
    """`pgrad.TRPO` with the arguments of ``sb3_contrib.TRPO``.

    Contrib averages the KL divergence over the columns of Box and MultiBinary actions, where the divergence of the
    joint distribution is their sum. This class does the same: for n columns, δ = n · ``target_kl`` and the damping
    n · ``cg_damping`` give the same step. The attributes ``target_kl`` and ``cg_damping`` are the arguments;
    ``hyperparameters`` and the statistics have the joint divergence. `pgrad.TRPO` uses the joint divergence.

    Args:
        policy: See `pgrad.sb3.PPO`, as all arguments that are not listed here.
        env: The environment.
        learning_rate: Of the value function: a number, or a function of the share of the training that remains.
        n_steps: Steps of each environment in a rollout.
        batch_size: Rows of a minibatch for the value function.
        gamma: Discount of later rewards.
        cg_max_steps: Largest number of steps of conjugate gradients.
        cg_damping: Added to the diagonal of the Fisher matrix.
        line_search_shrinking_factor: A rejected step is multiplied by this.
        line_search_max_iter: Largest number of step lengths to try.
        n_critic_updates: Passes over a rollout to fit the value function.
        gae_lambda: λ of the advantages.
        use_sde: Whether to explore with gSDE.
        sde_sample_freq: Steps after which gSDE draws new noise.
        rollout_buffer_class: Only None.
        rollout_buffer_kwargs: Only None.
        normalize_advantage: Whether to normalise the advantages of a rollout.
        target_kl: δ, the largest divergence of an update.
        sub_sampling_factor: The step of the policy is computed from one in so many rows of a rollout.
        stats_window_size: Number of last episodes that the means of returns and lengths are over.
        tensorboard_log: Folder for TensorBoard.
        policy_kwargs: Arguments of the policy.
        verbose: 1 shows a table while learning.
        seed: Seed of everything.
        device: "auto" or "cpu".
        _init_setup_model: Only True.

    Example:
        >>> from pgrad.sb3 import TRPO
        >>> len(TRPO("MlpPolicy", "Pendulum-v1", n_steps=256, seed=1).learn(512).history)
        2
    """

    def __init__(
        self,
        policy: Any,
        env: Any,
        learning_rate: float | Callable[[float], float] = 1e-3,
        n_steps: int = 2048,
        batch_size: int = 128,
        gamma: float = 0.99,
        cg_max_steps: int = 15,
        cg_damping: float = 0.1,
        line_search_shrinking_factor: float = 0.8,
        line_search_max_iter: int = 10,
        n_critic_updates: int = 10,
        gae_lambda: float = 0.95,
        use_sde: bool = False,
        sde_sample_freq: int = -1,
        rollout_buffer_class: Any = None,
        rollout_buffer_kwargs: dict[str, Any] | None = None,
        normalize_advantage: bool = True,
        target_kl: float = 0.01,
        sub_sampling_factor: int = 1,
        stats_window_size: int = 100,
        tensorboard_log: str | None = None,
        policy_kwargs: dict[str, Any] | None = None,
        verbose: int = 0,
        seed: int | None = None,
        device: Any = "auto",
        _init_setup_model: bool = True,
    ) -> None:
        # Contrib's conjugate gradients end when the square of the residual is below 1e-10.
        self._create(locals(), cg_rtol=0.0, cg_atol=1e-5, reverse_kl=True)

    @override
    def _optimizer_options(self, options: dict[str, Any]) -> dict[str, Any]:
        if options.get("optimizer") == "adamw":
            raise refused(
                "policy_kwargs['optimizer_class']", "AdamW", "Adam", "AdamW would also decay the policy, outside δ"
            )
        return options

    @override
    def _engine_options(self, options: dict[str, Any], action_space: Any) -> dict[str, Any]:
        columns = averaged_columns(action_space)
        return {name: columns * real(name, options[name]) for name in ("target_kl", "cg_damping")}


def averaged_columns(action_space: Any) -> int:
    """The columns over which Contrib averages the divergence; 1 for choices, whose divergences it adds up."""
    from gymnasium import spaces

    if isinstance(action_space, (Gaussian, Bernoulli)):
        return action_space.columns
    return math.prod(action_space.shape) if isinstance(action_space, (spaces.Box, spaces.MultiBinary)) else 1
