"""A2C with the signature of Stable-Baselines3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad import agents
from pgrad._typing import override
from pgrad.sb3._algorithm import OnPolicyAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self


class A2C(OnPolicyAlgorithm, agents.A2C):
    """`pgrad.A2C` with the arguments of ``stable_baselines3.A2C``.

    Args:
        policy: See `pgrad.sb3.PPO`, as all arguments that are not listed here.
        env: The environment.
        learning_rate: A number, or a function of the share of the training that remains.
        n_steps: Steps of each environment in a rollout.
        gamma: Discount of later rewards.
        gae_lambda: λ of the advantages.
        ent_coef: Weight of the entropy bonus.
        vf_coef: Weight of the value loss.
        max_grad_norm: A longer gradient is scaled to this length.
        rms_prop_eps: ε of RMSProp.
        use_rms_prop: RMSProp if true, else Adam with ε = 1e-5. ``optimizer_class`` in ``policy_kwargs`` replaces
            both.
        use_sde: Whether to explore with gSDE.
        sde_sample_freq: Steps after which gSDE draws new noise.
        rollout_buffer_class: Only None.
        rollout_buffer_kwargs: Only None.
        normalize_advantage: Whether to normalise the advantages of a rollout.
        stats_window_size: Number of last episodes that the means of returns and lengths are over.
        tensorboard_log: Folder for TensorBoard.
        policy_kwargs: Arguments of the policy.
        verbose: 1 shows a table while learning.
        seed: Seed of everything.
        device: "auto" or "cpu".
        _init_setup_model: Only True.

    Example:
        >>> from pgrad.sb3 import A2C, make_vec_env
        >>> A2C("MlpPolicy", make_vec_env("CartPole-v1", n_envs=4), seed=1).learn(40).num_timesteps
        40
    """

    def __init__(
        self,
        policy: Any,
        env: Any,
        learning_rate: float | Callable[[float], float] = 7e-4,
        n_steps: int = 5,
        gamma: float = 0.99,
        gae_lambda: float = 1.0,
        ent_coef: float = 0.0,
        vf_coef: float = 0.5,
        max_grad_norm: float = 0.5,
        rms_prop_eps: float = 1e-5,
        use_rms_prop: bool = True,
        use_sde: bool = False,
        sde_sample_freq: int = -1,
        rollout_buffer_class: Any = None,
        rollout_buffer_kwargs: dict[str, Any] | None = None,
        normalize_advantage: bool = False,
        stats_window_size: int = 100,
        tensorboard_log: str | None = None,
        policy_kwargs: dict[str, Any] | None = None,
        verbose: int = 0,
        seed: int | None = None,
        device: Any = "auto",
        _init_setup_model: bool = True,
    ) -> None:
        self._create(locals(), **({} if use_rms_prop else {"rms_prop_eps": 1e-5}))

    @override
    def learn(  # type: ignore[override]
        self,
        total_timesteps: int,
        callback: Any = None,
        log_interval: int | None = 100,
        tb_log_name: str | None = None,
        reset_num_timesteps: bool = True,
        progress_bar: bool = False,
    ) -> Self:
        return super().learn(total_timesteps, callback, log_interval, tb_log_name, reset_num_timesteps, progress_bar)

    @override
    def _optimizer_options(self, options: dict[str, Any]) -> dict[str, Any]:
        given = dict(options)
        if "optimizer_epsilon" in given:
            given["rms_prop_eps"] = given.pop("optimizer_epsilon")
        return given
