"""Optimizers: gradient ascent on a policy's parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._bindings import address, check, create, defaults, library, reference
from pgrad._closeable import Closeable
from pgrad._enumerations import OptimizerKind
from pgrad._structures import OptimizerConfig
from pgrad._validation import fill, real, shaped, switch
from pgrad.policy import require_policy

if TYPE_CHECKING:
    from pgrad.policy import Policy
    from pgrad.types import ArrayLike


class Optimizer(Closeable):
    """Gradient ascent on the parameters of one policy; create a `SGD`, `Adam`, `AdamW` or `RMSProp`."""

    _instead = "create a new one for the policy that it is to train"

    def __init__(self, policy: Policy, kind: OptimizerKind, **options: Any) -> None:
        config = defaults(OptimizerConfig, "pgrad_optimizer_config_init")
        fill(config, {"kind": kind, **options})
        trained = require_policy(policy)._handle
        self._handle = create("optimizer", "create", trained.value, reference(config), sizes=trained.sizes)
        self._learning_rate = float(config.learning_rate)
        self._repr = f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in options.items())})"

    def __repr__(self) -> str:
        return self._repr

    @property
    def learning_rate(self) -> float:
        """The learning rate of later steps, above 0. Assigning it does not change the optimizer's state."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        number = real("learning_rate", value)
        check(library.pgrad_optimizer_set_learning_rate(self._handle.value, number))
        self._learning_rate = number

    def step(self, gradient: ArrayLike) -> None:
        """Take one step of ascent.

        Args:
            gradient: (parameters,) numbers: the gradient of the objective to maximise.

        Raises:
            InvalidArgumentError: A number, or a parameter it would lead to, is not finite; then nothing has changed.
        """
        handle = self._handle
        numbers = shaped("gradient", gradient, (handle.sizes.parameters,))
        check(library.pgrad_optimizer_step(handle.value, address(numbers)))

    def close(self) -> None:
        """Free the optimizer's memory; further use raises `Error`."""
        self._handle = self._handle.closed()


class SGD(Optimizer):
    """v ← momentum·v + g;  θ ← θ + learning_rate·v.

    Args:
        policy: The policy to optimise.
        learning_rate: Above 0.
        momentum: 0 to below 1.
        max_grad_norm: A longer gradient is scaled to this length first; 0 for never.
    """

    def __init__(
        self, policy: Policy, learning_rate: float = 3e-4, *, momentum: float = 0.0, max_grad_norm: float = 0.0
    ) -> None:
        super().__init__(
            policy, OptimizerKind.SGD, learning_rate=learning_rate, momentum=momentum, max_grad_norm=max_grad_norm
        )


class Adam(Optimizer):
    """Kingma & Ba 2015, bias-corrected.

    Args:
        policy: The policy to optimise.
        learning_rate: Above 0.
        beta1: Decay of the mean gradient, 0 to below 1.
        beta2: Decay of the mean squared gradient, 0 to below 1.
        epsilon: Added to the root of the mean squared gradient, above 0.
        max_grad_norm: A longer gradient is scaled to this length first; 0 for never.

    Example:
        >>> policy = pgrad.Policy(4, pgrad.Categorical(2))
        >>> pgrad.Adam(policy, learning_rate=1e-2).step(np.ones(policy.parameter_count))
    """

    def __init__(
        self,
        policy: Policy,
        learning_rate: float = 3e-4,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        max_grad_norm: float = 0.0,
    ) -> None:
        super().__init__(
            *(policy, OptimizerKind.ADAM),
            learning_rate=learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            max_grad_norm=max_grad_norm,
        )


class AdamW(Optimizer):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019): θ ← θ - learning_rate·weight_decay·θ + Adam's step.

    Every parameter decays, also biases and log standard deviations, as in ``torch.optim.AdamW``.

    Args:
        policy: The policy to optimise.
        learning_rate: Above 0.
        beta1: Decay of the mean gradient, 0 to below 1.
        beta2: Decay of the mean squared gradient, 0 to below 1.
        epsilon: Added to the root of the mean squared gradient, above 0.
        weight_decay: λ, at least 0.
        max_grad_norm: A longer gradient is scaled to this length first; 0 for never.

    Example:
        >>> policy = pgrad.Policy(4, pgrad.Categorical(2))
        >>> pgrad.AdamW(policy, learning_rate=1e-2).step(np.ones(policy.parameter_count))
    """

    def __init__(
        self,
        policy: Policy,
        learning_rate: float = 3e-4,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 1e-2,
        max_grad_norm: float = 0.0,
    ) -> None:
        super().__init__(
            *(policy, OptimizerKind.ADAMW),
            learning_rate=learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            weight_decay=weight_decay,
            max_grad_norm=max_grad_norm,
        )


class RMSProp(Optimizer):
    """v ← decay·v + (1 - decay)·g²;  θ ← θ + learning_rate·g / (√v + epsilon). Hinton 2012.

    In TensorFlow 1, which early implementations of A2C used, v starts at 1 and √(v + epsilon) is the divisor.

    Args:
        policy: The policy to optimise.
        learning_rate: Above 0.
        decay: Of the mean squared gradient, 0 to below 1.
        epsilon: Above 0.
        max_grad_norm: A longer gradient is scaled to this length first; 0 for never.
        tensorflow: Whether to compute as TensorFlow 1 does.
    """

    def __init__(
        self,
        policy: Policy,
        learning_rate: float = 3e-4,
        *,
        decay: float = 0.99,
        epsilon: float = 1e-8,
        max_grad_norm: float = 0.0,
        tensorflow: bool = False,
    ) -> None:
        kind = OptimizerKind.RMSPROP_TENSORFLOW if switch("tensorflow", tensorflow) else OptimizerKind.RMSPROP
        super().__init__(
            *(policy, kind),
            learning_rate=learning_rate,
            decay=decay,
            epsilon=epsilon,
            max_grad_norm=max_grad_norm,
        )
        if tensorflow:
            self._repr = f"{self._repr.removesuffix(')')}, tensorflow=True)"
