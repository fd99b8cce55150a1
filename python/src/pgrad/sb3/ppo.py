"""PPO with the signature of Stable-Baselines3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad import agents
from pgrad.sb3._algorithm import OnPolicyAlgorithm
from pgrad.sb3._clipping import ClipRanges

if TYPE_CHECKING:
    from collections.abc import Callable


class PPO(ClipRanges, OnPolicyAlgorithm, agents.PPO):
    """`pgrad.PPO` with the arguments of ``stable_baselines3.PPO``; see there for what they mean.

    Args:
        policy: "MlpPolicy", "CnnPolicy" or "MultiInputPolicy". Or a class of the user's that is derived from
            Stable-Baselines3's ``ActorCriticPolicy`` and builds other hidden layers: one of it is created, and training
            starts with its layers and weights.
        env: A Gymnasium id, an Env, a `VecEnv`, one of Stable-Baselines3, or whatever `pgrad.PPO` accepts.
        learning_rate: A number, or a function of the share of the training that remains, from 1 to 0.
        n_steps: Steps of each environment in a rollout.
        batch_size: Rows of a minibatch. If it does not divide n_steps × n_envs, a smaller one is used, with a warning.
        n_epochs: Passes over a rollout.
        gamma: Discount of later rewards.
        gae_lambda: λ of the advantages.
        clip_range: ε, a number or a function as for ``learning_rate``.
        clip_range_vf: c of the value loss (V_old + clip(V - V_old, -c, c) - R)², a number or a function as for
            ``learning_rate``; None for (V - R)².
        normalize_advantage: Whether to normalise the advantages of each minibatch.
        ent_coef: Weight of the entropy bonus.
        vf_coef: Weight of the value loss.
        max_grad_norm: A longer gradient is scaled to this length.
        use_sde: Whether to explore with gSDE.
        sde_sample_freq: Steps after which gSDE draws new noise; -1 for once in a rollout.
        rollout_buffer_class: Only None.
        rollout_buffer_kwargs: Only None.
        target_kl: Stops an update early; None never.
        stats_window_size: Number of last episodes that the means of returns and lengths are over.
        tensorboard_log: Folder for TensorBoard; None for no files.
        policy_kwargs: ``net_arch``, ``activation_fn`` (a class of torch or its name), ``ortho_init``, ``log_std_init``,
            ``optimizer_class`` and ``optimizer_kwargs``; ``features_extractor_class``, a module of torch whose
            ``forward`` is a chain of ``Conv2d``, ``Flatten``, ``Linear`` and activations, for observations that are a
            box; others only with their defaults.
        verbose: 1 shows a table while learning.
        seed: Seed of everything; None draws one.
        device: "auto" or "cpu".
        _init_setup_model: Only True.

    Example:
        >>> from pgrad.sb3 import PPO
        >>> model = PPO("MlpPolicy", "CartPole-v1", n_steps=64, seed=1).learn(128)
        >>> action, _states = model.predict(np.zeros(4, np.float32), deterministic=True)
        >>> int(action) in (0, 1)
        True
    """

    def __init__(
        self,
        policy: Any,
        env: Any,
        learning_rate: float | Callable[[float], float] = 3e-4,
        n_steps: int = 2048,
        batch_size: int = 64,
        n_epochs: int = 10,
        gamma: float = 0.99,
        gae_lambda: float = 0.95,
        clip_range: float | Callable[[float], float] = 0.2,
        clip_range_vf: float | Callable[[float], float] | None = None,
        normalize_advantage: bool = True,
        ent_coef: float = 0.0,
        vf_coef: float = 0.5,
        max_grad_norm: float = 0.5,
        use_sde: bool = False,
        sde_sample_freq: int = -1,
        rollout_buffer_class: Any = None,
        rollout_buffer_kwargs: dict[str, Any] | None = None,
        target_kl: float | None = None,
        stats_window_size: int = 100,
        tensorboard_log: str | None = None,
        policy_kwargs: dict[str, Any] | None = None,
        verbose: int = 0,
        seed: int | None = None,
        device: Any = "auto",
        _init_setup_model: bool = True,
    ) -> None:
        self._create(locals(), value_clip="alone")
