"""RecurrentPPO with the signature of Stable-Baselines3 Contrib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pgrad import agents
from pgrad.sb3._algorithm import OnPolicyAlgorithm
from pgrad.sb3._clipping import ClipRanges

if TYPE_CHECKING:
    from collections.abc import Callable


class RecurrentPPO(ClipRanges, OnPolicyAlgorithm, agents.PPO):
    """`pgrad.PPO` with an LSTM and the arguments of ``sb3_contrib.RecurrentPPO``.

    Args:
        policy: "MlpLstmPolicy", "CnnLstmPolicy" or "MultiInputLstmPolicy".
        env: See `pgrad.sb3.PPO`, as all arguments that are not listed here.
        learning_rate: A number, or a function of the share of the training that remains.
        n_steps: Steps of each environment in a rollout.
        batch_size: Rows of a minibatch, which consists of whole sequences of consecutive steps.
        n_epochs: Passes over a rollout.
        gamma: Discount of later rewards.
        gae_lambda: λ of the advantages.
        clip_range: ε, a number or a function.
        clip_range_vf: c of the clipped value loss, a number or a function; None for none.
        normalize_advantage: Whether to normalise the advantages of each minibatch.
        ent_coef: Weight of the entropy bonus.
        vf_coef: Weight of the value loss.
        max_grad_norm: A longer gradient is scaled to this length.
        use_sde: Whether to explore with gSDE.
        sde_sample_freq: Steps after which gSDE draws new noise.
        target_kl: Stops an update early; None never.
        stats_window_size: Number of last episodes that the means of returns and lengths are over.
        tensorboard_log: Folder for TensorBoard.
        policy_kwargs: Also ``lstm_hidden_size``, ``n_lstm_layers`` and ``enable_critic_lstm``. The hidden layers of
            ``net_arch`` read the LSTM's outputs.
        verbose: 1 shows a table while learning.
        seed: Seed of everything.
        device: "auto" or "cpu".
        _init_setup_model: Only True.

    Example:
        >>> from pgrad.sb3 import RecurrentPPO
        >>> model = RecurrentPPO("MlpLstmPolicy", "CartPole-v1", policy_kwargs={"lstm_hidden_size": 8}, seed=1)
        >>> action, states = model.predict(np.zeros(4, np.float32), episode_start=np.ones(1, bool))
        >>> states[0].shape
        (1, 1, 8)
    """

    _recurrent: ClassVar[bool] = True

    def __init__(
        self,
        policy: Any,
        env: Any,
        learning_rate: float | Callable[[float], float] = 3e-4,
        n_steps: int = 128,
        batch_size: int = 128,
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
