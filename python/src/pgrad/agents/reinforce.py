"""The policy gradient theorem as an algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._structures import Algorithm
from pgrad.agents._options import given
from pgrad.agents.agent import Agent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._worlds import EnvLike
    from pgrad.policy import Policy


class Reinforce(Agent):
    """REINFORCE (Williams 1992): whole trajectories, every score weighted by what it earned.

    Args:
        env: A Gymnasium id, an Env, a VectorEnv, a callable that makes an Env, a list of those, or a native one:
            ``"pgrad/CartPole-v1"``, a `NativeEnv` or an `MDP`.
        learning_rate: Above 0.
        n_episodes: Whole trajectories of each environment in a rollout.
        n_steps: A longer trajectory is cut there; None for never.
        gamma: Discount γ of later rewards, 0 to 1.
        estimator: The weight on the score: "whole_trajectory" (R(τ) on every step, the theorem as stated),
            "reward_to_go" (only what follows the step), "gae", or what compares the trajectories of a group of
            environments: "leave_one_out" (RLOO: R less the mean of the others, without bias), "group_normalized" (GRPO:
            R less the group's mean, over its standard deviation) or "group_centered" (GRPO without the division).
        baseline: Whether the value function, fitted to the returns, is subtracted: less variance, no bias.
        group_size: Environments side by side that are compared, at least 2; None for all. Every rollout resets the
            environments, and a group's begin in one state: native ones each of their episodes, Gymnasium's, which are
            given one seed, the first, and further ones as far as they draw nothing else on their way.
        discount_scores: Whether the weight of step t carries the theorem's leading γ^{t-1}, which most libraries drop.
        gae_lambda: λ of estimator "gae", 0 to 1.
        normalize_advantage: Whether the weights of a rollout are brought to mean 0 and standard deviation 1.
        ent_coef: Weight of the entropy bonus, at least 0.
        vf_coef: Weight of the mean squared error of the values, at least 0.
        max_grad_norm: A longer gradient is scaled to this length; None for never.
        n_envs: How many environments to make of an id or a callable; None for one.
        seed: Of the initial weights, the actions, and (plus its index) of each environment.
        policy: What acts; None for a new one, with a value function if the estimator or the baseline needs one.
        hidden_sizes: Widths of a new policy's hidden layers.
        activation: Of a new policy: "tanh", "relu", "elu", "silu" or "gelu".
        policy_options: What else `Policy` takes of a new policy, such as ``{"initial_log_std": -0.5}``.
        learning_rate_schedule: "constant", or "linear" or "cosine" to fall to 0 over the training.
        ent_coef_schedule: The same.
        optimizer: "adam", "rmsprop" or "sgd".
        optimizer_epsilon: ε of Adam or RMSProp, above 0.
        normalize_observations: Whether the policy sees observations brought to mean 0 and standard deviation 1 by their
            running moments, which live in the policy and its file (`pgrad.Policy.observation_moments`), and are frozen
            wherever it does not train.
        normalize_rewards: Whether rewards are divided by the running standard deviation of the discounted return;
            statistics tell returns as they were.
        observation_clip: Largest absolute value of a normalised observation, above 0.
        reward_clip: Largest absolute value of a normalised reward, above 0.
        use_sde: Whether a new policy explores by a matrix of noise that it keeps for a while, gSDE: see
            ``state_dependent_exploration`` of `Policy`. Continuous actions only.
        sde_sample_freq: Steps after which each environment gets a new matrix; -1 with each rollout.
        threads: Workers inside a call; results do not depend on it. 0 chooses by the work and the processors there are.

    Example:
        >>> agent = pgrad.Reinforce("pgrad/CartPole-v1", estimator="reward_to_go", n_episodes=2)
        >>> agent.learn(50).statistics.episodes >= 2
        True
    """

    algorithm = Algorithm.REINFORCE

    def __init__(
        self,
        env: EnvLike,
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
        n_envs: int | None = None,
        seed: int = 0,
        policy: Policy | None = None,
        hidden_sizes: Sequence[int] = (64, 64),
        activation: str = "tanh",
        policy_options: dict[str, Any] | None = None,
        learning_rate_schedule: str = "constant",
        ent_coef_schedule: str = "constant",
        optimizer: str = "adam",
        optimizer_epsilon: float = 1e-8,
        normalize_observations: bool = False,
        normalize_rewards: bool = False,
        observation_clip: float = 10.0,
        reward_clip: float = 10.0,
        use_sde: bool = False,
        sde_sample_freq: int = -1,
        threads: int = 1,
    ) -> None:
        super().__init__(**given(locals()), value_function=baseline or estimator == "gae")
