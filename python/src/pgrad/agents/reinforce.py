"""The policy gradient theorem as an algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._enumerations import Algorithm
from pgrad._validation import switch
from pgrad.agents._options import hyperparameters
from pgrad.agents._signature import document_common_arguments
from pgrad.agents.agent import Agent

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from pgrad._envs.making import EnvLike
    from pgrad.agents._options import AgentOptions


class Reinforce(Agent):
    """REINFORCE (Williams 1992): learns from whole trajectories; the weight of every score is a return.

    Args:
        env: The environment to learn in; see `Agent`.
        learning_rate: Above 0.
        n_episodes: Whole trajectories of each environment in a rollout, at least 1.
        n_steps: A longer trajectory is truncated at this length; None for never.
        gamma: Discount γ of later rewards, 0 to 1.
        estimator: The weight of the score: "whole_trajectory" (R(τ) on every step, as the theorem states it),
            "reward_to_go" (only the rewards after the action), "gae", or a comparison within a group of environments:
            "leave_one_out" (RLOO: R minus the mean of the others, unbiased), "group_normalized" (GRPO: R minus the
            group's mean, divided by its standard deviation) or "group_centered" (GRPO without the division).
        baseline: Whether the value function, fitted to the returns, is subtracted: less variance, no bias.
        group_size: Consecutive environments that are compared with each other, at least 2; None for all. Every rollout
            resets the environments, and those in one group start in the same state. Native environments do so in every
            episode. Gymnasium environments share a seed: they do so in the first episode, and in later ones only if
            they draw no random numbers in between.
        discount_scores: Whether the weight of step t includes the theorem's leading γ^{t-1}, which most libraries drop.
            Only for "reward_to_go" and "gae": weights of whole trajectories have no such factor.
        gae_lambda: λ of estimator "gae", 0 to 1.
        normalize_advantage: Whether the weights of a rollout are normalised to mean 0 and standard deviation 1.
        ent_coef: Weight of the entropy bonus, at least 0.
        vf_coef: Weight of the mean squared error of the values, at least 0.
        max_grad_norm: A longer gradient is scaled to this length, above 0; None for never.
        optimizer: "adam", "adamw", "rmsprop", "rmsprop_tensorflow" (see `A2C`) or "sgd".
        optimizer_epsilon: ε of every optimizer but SGD, above 0.
        weight_decay: λ of "adamw", at least 0: every step also multiplies every parameter by
            1 - ``learning_rate`` · λ. The other optimizers do not decay parameters.
        options: Arguments common to all agents, such as ``n_envs``, ``seed`` and ``hidden_sizes``; see `Agent`.

    Example:
        >>> agent = pgrad.Reinforce("pgrad/CartPole-v1", estimator="reward_to_go", n_episodes=2)
        >>> agent.learn(50).statistics.episodes >= 2
        True
    """

    algorithm = Algorithm.REINFORCE

    @document_common_arguments
    def __init__(
        self,
        env: EnvLike | None,
        learning_rate: float = 2.5e-3,
        n_episodes: int = 8,
        n_steps: int | None = None,
        gamma: float = 0.99,
        estimator: str = "whole_trajectory",
        baseline: bool = False,
        group_size: int | None = None,
        discount_scores: bool = False,
        gae_lambda: float = 1.0,
        normalize_advantage: bool | str = False,
        ent_coef: float = 0.0,
        vf_coef: float = 0.5,
        max_grad_norm: float | None = None,
        *,
        optimizer: str = "adam",
        optimizer_epsilon: float = 1e-8,
        weight_decay: float = 1e-2,
        **options: Unpack[AgentOptions],
    ) -> None:
        own = hyperparameters(locals())
        has_values = switch("baseline", baseline) or estimator == "gae"
        super().__init__(env, own, value_function=has_values, **options)
