"""Advantage actor-critic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._structures import Algorithm
from pgrad.agents._options import given
from pgrad.agents.agent import Agent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._worlds import EnvLike
    from pgrad.policy import Policy


class A2C(Agent):
    """Advantage actor-critic (Mnih et al. 2016), synchronous.

    Short rollouts, each learned from once, every score weighted by its advantage. The names and defaults are those of
    Stable-Baselines3.

    Args:
        env: A Gymnasium id, an Env, a VectorEnv, a callable that makes an Env, a list of those, or a native one:
            ``"pgrad/CartPole-v1"``, a `NativeEnv` or an `MDP`.
        learning_rate: Above 0.
        n_steps: Steps of each environment in a rollout.
        gamma: Discount γ of later rewards, 0 to 1.
        gae_lambda: λ of the advantages, 0 (one step, little variance) to 1 (whole returns, no bias).
        ent_coef: Weight of the entropy bonus, at least 0.
        vf_coef: Weight of the mean squared error of the values, at least 0.
        max_grad_norm: A longer gradient is scaled to this length; None for never.
        rms_prop_eps: ε of RMSProp, or of Adam, above 0.
        use_rms_prop: RMSProp if true, else Adam.
        normalize_advantage: Whether the advantages of a rollout are brought to mean 0 and standard deviation 1.
        n_envs: How many environments to make of an id or a callable; None for one.
        seed: Of the initial weights, the actions, and (plus its index) of each environment.
        policy: What acts; None for a new one.
        hidden_sizes: Widths of a new policy's hidden layers.
        activation: Of a new policy: "tanh", "relu", "elu", "silu" or "gelu".
        policy_options: What else `Policy` takes of a new policy, such as ``{"initial_log_std": -0.5}``.
        learning_rate_schedule: "constant", or "linear" or "cosine" to fall to 0 over the training.
        ent_coef_schedule: The same.
        estimator: "gae", or "vtrace" (Espeholt et al. 2018).
        rho_clip: ρ̄ of "vtrace", above 0.
        c_clip: c̄ of "vtrace", above 0.
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
        >>> pgrad.A2C("CartPole-v1", n_envs=2).learn(20).num_timesteps
        20
    """

    algorithm = Algorithm.A2C

    def __init__(
        self,
        env: EnvLike,
        learning_rate: float = 7e-4,
        n_steps: int = 5,
        gamma: float = 0.99,
        gae_lambda: float = 1.0,
        ent_coef: float = 0.0,
        vf_coef: float = 0.5,
        max_grad_norm: float | None = 0.5,
        rms_prop_eps: float = 1e-5,
        use_rms_prop: bool = True,
        normalize_advantage: bool | str = False,
        *,
        n_envs: int | None = None,
        seed: int = 0,
        policy: Policy | None = None,
        hidden_sizes: Sequence[int] = (64, 64),
        activation: str = "tanh",
        policy_options: dict[str, Any] | None = None,
        learning_rate_schedule: str = "constant",
        ent_coef_schedule: str = "constant",
        estimator: str = "gae",
        rho_clip: float = 1.0,
        c_clip: float = 1.0,
        normalize_observations: bool = False,
        normalize_rewards: bool = False,
        observation_clip: float = 10.0,
        reward_clip: float = 10.0,
        use_sde: bool = False,
        sde_sample_freq: int = -1,
        threads: int = 1,
    ) -> None:
        options = given(locals())
        options["optimizer"] = "rmsprop" if options.pop("use_rms_prop") else "adam"
        super().__init__(**options, value_function=True)
