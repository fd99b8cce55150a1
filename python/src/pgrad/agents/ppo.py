"""Proximal policy optimisation."""

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


class PPO(Agent):
    """Proximal policy optimisation (Schulman et al. 2017), with the clipped surrogate.

    Each rollout is used for several epochs. A row whose probability ratio has left the clip range no longer pushes the
    policy in that direction. Names and defaults follow Stable-Baselines3.

    Args:
        env: The environment to learn in; see `Agent`.
        learning_rate: Above 0.
        n_steps: Steps of each environment in a rollout, at least 1.
        batch_size: Rows of a minibatch; divides n_steps × n_envs. If rows that only reset are dropped, as for a vector
            environment in Gymnasium's NEXT_STEP mode, the last minibatch of an epoch is shorter.
        n_epochs: Passes over a rollout, at least 1.
        gamma: Discount γ of later rewards, 0 to 1.
        gae_lambda: λ of the advantages, 0 (one step, little variance) to 1 (whole returns, no bias).
        clip_range: How far a probability ratio may move from 1, above 0.
        clip_range_vf: c of the clipped value loss, above 0. The loss takes the larger of two squares for each row,
            mean[max((V - R)², (V_old + clip(V - V_old, -c, c) - R)²)], where R is the target. CleanRL with
            ``clip_vloss`` has half this loss. See also ``value_clip``. None for the plain loss mean[(V - R)²].
        normalize_advantage: Whether advantages are normalised to mean 0 and standard deviation 1. True or "minibatch":
            within each minibatch (as CleanRL); "batch": over the rollout (as OpenAI Baselines); False: never.
        ent_coef: Weight of the entropy bonus, at least 0.
        vf_coef: Weight of the mean squared error of the values, at least 0.
        max_grad_norm: A longer gradient is scaled to this length, above 0; None for never.
        target_kl: Stops an update early, above 0; None never stops it. The mean of (r - 1) - log r, where
            r = π(a|s) / π_old(a|s), estimates KL(π_old‖π). The update ends before the first minibatch in which this
            mean exceeds 1.5 ``target_kl``.
        value_clip: With ``clip_range_vf``: "larger" for the larger of both squares, or "alone" for the second one, as
            in Stable-Baselines3.
        clip_range_schedule: "constant", "linear" or "cosine".
        surrogate: "clip": mean[min(r A, clip(r, 1 - ``clip_range``, 1 + ``clip_range``) A)], or "kl_penalty":
            mean[r A - β ((r - 1) - log r)]. Its second term estimates β KL(π_old‖π) from the sampled actions, without
            bias; it is not the closed form over all actions. β doubles after an update whose last epoch had a mean of
            (r - 1) - log r above 1.5 ``desired_kl``, and halves below ``desired_kl`` / 1.5.
        desired_kl: Target KL divergence of an update for "kl_adaptive" and "kl_penalty", above 0.
        kl_coef: Initial β of "kl_penalty", above 0.
        recompute_advantages: Whether to recompute values and advantages before each epoch after the first, as Tianshou
            does in its MuJoCo benchmark. Stable-Baselines3 and CleanRL do not.
        estimator: "gae", or "vtrace" (Espeholt et al. 2018), which corrects recomputed advantages for how far the
            policy has moved since it acted.
        rho_clip: ρ̄ of "vtrace", above 0.
        c_clip: c̄ of "vtrace", above 0.
        optimizer: "adam", "adamw", "rmsprop", "rmsprop_tensorflow" (see `A2C`) or "sgd".
        optimizer_epsilon: ε of every optimizer but SGD, above 0.
        weight_decay: λ of "adamw", at least 0: every step also multiplies every parameter by
            1 - ``learning_rate`` · λ. The other optimizers do not decay parameters.
        options: Arguments common to all agents, such as ``n_envs``, ``seed`` and ``hidden_sizes``; see `Agent`.

    Example:
        >>> agent = pgrad.PPO("CartPole-v1", n_steps=64, seed=1).learn(128)
        >>> action, _ = agent.predict(np.zeros(4), deterministic=True)
        >>> int(action) in (0, 1)
        True
    """

    algorithm = Algorithm.PPO

    @document_common_arguments
    def __init__(
        self,
        env: EnvLike | None,
        learning_rate: float = 3e-4,
        n_steps: int = 2048,
        batch_size: int = 64,
        n_epochs: int = 10,
        gamma: float = 0.99,
        gae_lambda: float = 0.95,
        clip_range: float = 0.2,
        clip_range_vf: float | None = None,
        normalize_advantage: bool | str = True,
        ent_coef: float = 0.0,
        vf_coef: float = 0.5,
        max_grad_norm: float | None = 0.5,
        target_kl: float | None = None,
        *,
        value_clip: str = "larger",
        clip_range_schedule: str = "constant",
        surrogate: str = "clip",
        desired_kl: float = 0.01,
        kl_coef: float = 1.0,
        recompute_advantages: bool = False,
        estimator: str = "gae",
        rho_clip: float = 1.0,
        c_clip: float = 1.0,
        optimizer: str = "adam",
        optimizer_epsilon: float = 1e-5,
        weight_decay: float = 1e-2,
        **options: Unpack[AgentOptions],
    ) -> None:
        super().__init__(env, hyperparameters(locals()), **options)
