"""MaskablePPO with the signature of Stable-Baselines3 Contrib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad import agents
from pgrad._envs.native import NativeAdapter
from pgrad._typing import override
from pgrad._validation import switch
from pgrad.callbacks import Callback
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._algorithm import OnPolicyAlgorithm
from pgrad.sb3._clipping import ClipRanges
from pgrad.sb3._options import AssertedArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from pgrad.agents import Agent


class MaskablePPO(ClipRanges, OnPolicyAlgorithm, agents.PPO):
    """`pgrad.PPO` with the arguments of ``sb3_contrib.MaskablePPO``, in an environment that has masks.

    Args:
        policy: See `pgrad.sb3.PPO`, as all other arguments.
        env: An environment with a method ``action_masks()``, see `ActionMasker`; or with masks as `pgrad.Agent` finds
            them.
        learning_rate: A number, or a function of the share of the training that remains.
        n_steps: Steps of each environment in a rollout.
        batch_size: Rows of a minibatch.
        n_epochs: Passes over a rollout.
        gamma: Discount of later rewards.
        gae_lambda: λ of the advantages.
        clip_range: ε, a number or a function.
        clip_range_vf: c of the clipped value loss, a number or a function; None for none.
        normalize_advantage: Whether to normalise the advantages of each minibatch.
        ent_coef: Weight of the entropy bonus.
        vf_coef: Weight of the value loss.
        max_grad_norm: A longer gradient is scaled to this length.
        rollout_buffer_class: Only None.
        rollout_buffer_kwargs: Only None.
        target_kl: Stops an update early; None never.
        stats_window_size: Number of last episodes that the means of returns and lengths are over.
        tensorboard_log: Folder for TensorBoard.
        policy_kwargs: Arguments of the policy.
        verbose: 1 shows a table while learning.
        seed: Seed of everything.
        device: "auto" or "cpu".
        _init_setup_model: Only True.
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
        if not self.policy.mask_size:
            raise AssertedArgumentError(
                f"env has actions {self.policy.action_space}. The algorithm only supports Discrete, MultiDiscrete and "
                "MultiBinary actions, to which masks apply: use PPO"
            )

    @override
    def learn(  # type: ignore[override]
        self,
        total_timesteps: int,
        callback: Any = None,
        log_interval: int | None = 1,
        tb_log_name: str | None = None,
        reset_num_timesteps: bool = True,
        use_masking: bool = True,
        progress_bar: bool = False,
    ) -> Self:
        """Act, step, observe and learn; arguments as in `pgrad.sb3.PPO.learn`.

        Args:
            total_timesteps: Minimum number of steps.
            callback: What runs meanwhile.
            log_interval: Updates between two rows of the logs.
            tb_log_name: Name of the run.
            reset_num_timesteps: Whether ``num_timesteps`` starts anew.
            use_masking: Whether to use the environment's masks, which it must then have.
            progress_bar: Whether to show timesteps.
        """
        arguments: tuple[Any, ...] = (callback, log_interval, tb_log_name, reset_num_timesteps, progress_bar)
        adapter = self._adapter
        if switch("use_masking", use_masking) or adapter is None:
            return super().learn(total_timesteps, *arguments)
        self._leave_env()
        had_masks, adapter.masked, adapter.ignores_masks = adapter.masked, False, True
        try:
            return super().learn(total_timesteps, *arguments)
        finally:
            adapter.masked, adapter.ignores_masks = had_masks, False
            self._leave_env()

    @override
    def _own_callbacks(self) -> list[Any]:
        is_ignoring = self._adapter is not None and self._adapter.ignores_masks
        return [] if is_ignoring else [_RequireMasks()]


class _RequireMasks(Callback):
    """Refuses an environment without masks after the first update, when it is known whether infos have them."""

    @override
    def on_update(self, agent: Agent) -> None:
        adapter = agent._adapter
        if adapter is not None and not adapter.masked and not isinstance(adapter, NativeAdapter):
            raise InvalidArgumentError(
                f"{adapter.name} has no masks; expected a method action_masks(), which ActionMasker adds, or use PPO"
            )
