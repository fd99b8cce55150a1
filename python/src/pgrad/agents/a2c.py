"""Advantage actor-critic."""

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


class A2C(Agent):
    """Advantage actor-critic (Mnih et al. 2016), synchronous.

    Learns from each short rollout once; the weight of every score is its advantage. Names and defaults follow
    Stable-Baselines3.

    Args:
        env: The environment to learn in; see `Agent`.
        learning_rate: Above 0.
        n_steps: Steps of each environment in a rollout, at least 1.
        gamma: Discount γ of later rewards, 0 to 1.
        gae_lambda: λ of the advantages, 0 (one step, little variance) to 1 (whole returns, no bias).
        ent_coef: Weight of the entropy bonus, at least 0.
        vf_coef: Weight of the mean squared error of the values, at least 0.
        max_grad_norm: A longer gradient is scaled to this length, above 0; None for never.
        rms_prop_eps: ε of every optimizer but SGD, above 0.
        use_rms_prop: False uses Adam in place of RMSProp.
        normalize_advantage: Whether the advantages of a rollout are normalised to mean 0 and standard deviation 1.
        estimator: "gae", or "vtrace" (Espeholt et al. 2018).
        rho_clip: ρ̄ of "vtrace", above 0.
        c_clip: c̄ of "vtrace", above 0.
        optimizer: "rmsprop", for which ``use_rms_prop`` must be true; "rmsprop_tensorflow", whose mean of squares
            starts at 1 and has ε added to it inside the root, as in TensorFlow 1; "adam", "adamw" or "sgd".
        weight_decay: λ of "adamw", at least 0: every step also multiplies every parameter by
            1 - ``learning_rate`` · λ. The other optimizers do not decay parameters.
        options: Arguments common to all agents, such as ``n_envs``, ``seed`` and ``hidden_sizes``; see `Agent`.

    Example:
        >>> pgrad.A2C("CartPole-v1", n_envs=2).learn(20).num_timesteps
        20
    """

    algorithm = Algorithm.A2C
    _log_interval = 100

    @document_common_arguments
    def __init__(
        self,
        env: EnvLike | None,
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
        estimator: str = "gae",
        rho_clip: float = 1.0,
        c_clip: float = 1.0,
        optimizer: str = "rmsprop",
        weight_decay: float = 1e-2,
        **options: Unpack[AgentOptions],
    ) -> None:
        own = hyperparameters(locals())
        if not switch("use_rms_prop", own.pop("use_rms_prop")) and optimizer == "rmsprop":
            own["optimizer"] = "adam"
        super().__init__(env, own, **options)
