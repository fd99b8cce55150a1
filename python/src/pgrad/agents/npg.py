"""The natural policy gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._enumerations import Algorithm
from pgrad.agents._options import hyperparameters
from pgrad.agents._signature import document_common_arguments
from pgrad.agents.agent import Agent

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from pgrad._envs.making import EnvLike
    from pgrad.agents._options import AgentOptions


class NPG(Agent):
    """The natural policy gradient (Kakade 2001), with a step of given KL divergence (Rajeswaran et al. 2017).

    Each rollout gives one step along x = (F + d)⁻¹ g, where F is the Fisher matrix E[∇log π ∇log πᵀ] and g the gradient
    of E[rA]: θ ← θ + √(2δ / xᵀ(F + d) x) x. To second order, the step moves the policy by a KL divergence of δ for any
    parametrisation. The value function is fitted separately. Names and defaults follow TRPO in Stable-Baselines3
    Contrib.

    Args:
        env: The environment to learn in; see `Agent`.
        learning_rate: For the value function, above 0.
        n_steps: Steps of each environment in a rollout, at least 1.
        batch_size: Rows of a minibatch for the value function; divides n_steps × n_envs. If rows that only reset are
            dropped, the last minibatch of a pass is shorter.
        gamma: Discount γ of later rewards, 0 to 1.
        cg_max_steps: Largest number of steps of conjugate gradients, at least 1 (10 in Spinning Up).
        cg_damping: d, added to the diagonal of F, at least 0 (0.1 in Spinning Up too).
        n_critic_updates: Passes over a rollout to fit the value function, at least 1 (80 steps on all rows in Spinning
            Up).
        gae_lambda: λ of the advantages, 0 (one step, little variance) to 1 (whole returns, no bias).
        normalize_advantage: Whether the advantages of a rollout are normalised to mean 0 and standard deviation 1.
        target_kl: δ, above 0 (0.01 in the TRPO paper and Spinning Up too).
        ent_coef: Weight of the entropy bonus, at least 0; other libraries have none here.
        vf_coef: Weight of the mean squared error of the values, at least 0.
        max_grad_norm: A longer gradient of the value function is scaled to this length; None for never.
        optimizer: For the value function: "adam", "rmsprop", "rmsprop_tensorflow" (see `A2C`) or "sgd".
        optimizer_epsilon: ε of every optimizer but SGD, above 0.
        sub_sampling_factor: The step of the policy is computed from one in so many rows of a rollout (with a memory: of
            its sequences), which are drawn for each update. A step then costs less, and its direction varies more. The
            value function is fitted to all rows.
        cg_rtol: Conjugate gradients end when the residual g - (F + d) x is no longer than this times g, at least 0,
        cg_atol: or no longer than this, at least 0 (Stable-Baselines3 Contrib has only this one, of 1e-5).
        options: Arguments common to all agents, such as ``n_envs``, ``seed`` and ``hidden_sizes``; see `Agent`.

    Example:
        >>> agent = pgrad.NPG("pgrad/CartPole-v1", n_steps=256, seed=1).learn(512)
        >>> len(agent.history)
        2
    """

    algorithm = Algorithm.NPG

    @document_common_arguments
    def __init__(
        self,
        env: EnvLike | None,
        learning_rate: float = 1e-3,
        n_steps: int = 2048,
        batch_size: int = 128,
        gamma: float = 0.99,
        cg_max_steps: int = 15,
        cg_damping: float = 0.1,
        n_critic_updates: int = 10,
        gae_lambda: float = 0.95,
        normalize_advantage: bool | str = True,
        target_kl: float = 0.01,
        ent_coef: float = 0.0,
        vf_coef: float = 1.0,
        max_grad_norm: float | None = None,
        *,
        optimizer: str = "adam",
        optimizer_epsilon: float = 1e-5,
        sub_sampling_factor: int = 1,
        cg_rtol: float = 1e-5,
        cg_atol: float = 0.0,
        **options: Unpack[AgentOptions],
    ) -> None:
        super().__init__(env, hyperparameters(locals()), **options)
