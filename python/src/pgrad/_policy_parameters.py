"""The parameters of a policy, as one vector and by name."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from pgrad._bindings import check, create, describe, library, view
from pgrad._structures import Tensor
from pgrad._validation import require_finite, shaped
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad.types import ArrayLike, FloatArray


class PolicyParameters:
    """Access to the parameters of a policy."""

    parameter_count: int
    _handle: Handle
    _parameters: FloatArray | None

    @property
    def parameters(self) -> FloatArray:
        """A writable view of the parameters θ in the library's memory; the policy uses new values immediately.

        The order is: for each layer of the policy network its weight (inputs × outputs), its bias and, with
        ``layer_norm``, its scale and shift; the log standard deviations of Gaussian parts, unless the network outputs
        them; the layers of the value network, only one with a shared trunk. The layers of a ``memory`` follow the
        hidden layers of their network or, with ``memory_first``, come before them; `state_dict` describes their
        tensors. The array keeps the memory alive.

        Write to it only while no other thread uses the policy and no update is unfinished (`Agent.update_for`);
        `load_state_dict` checks this. Assigning, as in ``policy.parameters = numbers``, refuses numbers that are not
        finite.
        """
        if self._parameters is None:
            self._parameters = view(self._handle)
        return self._parameters

    @parameters.setter
    def parameters(self, values: ArrayLike) -> None:
        numbers = shaped("parameters", values, (self.parameter_count,))
        require_finite("parameters", numbers)
        self.parameters[:] = numbers

    def state_dict(self) -> dict[str, FloatArray]:
        """The parameters by name, as in files: "policy.0.weight" (inputs × outputs), "policy.0.bias", and so on.

        Returns:
            Writable views of `parameters`, in its order; the policy uses new values immediately. PyTorch's
            ``Linear.weight`` is the transpose of a weight.

            A layer of a ``memory`` has the tensors "policy.memory.0.input.weight" (inputs × gates · memory_size),
            ".hidden.weight" (memory_size × gates · memory_size), ".input.bias" and ".hidden.bias"; the value function's
            own has "value.memory.0" in place of "policy.memory.0". Each gate has ``memory_size`` columns, in PyTorch's
            order: r, z, n in a GRU and i, f, g, o in an LSTM. PyTorch's ``weight_ih_l0`` and ``weight_hh_l0`` are the
            transposes of the two weights; ``bias_ih_l0`` and ``bias_hh_l0`` are the two biases.

        Example:
            >>> pgrad.Policy(4, pgrad.Categorical(2), hidden_sizes=()).state_dict()["policy.0.weight"].shape
            (4, 2)
        """
        return self._tensors()

    def _tensors(self) -> dict[str, FloatArray]:
        """The same, also where a subclass names parameters otherwise."""
        handle, parameters = self._handle, self.parameters
        count = ctypes.c_int64()
        check(library.pgrad_policy_tensor_count(handle.value, ctypes.byref(count)))
        result = {}
        for index in range(count.value):
            tensor = describe(Tensor, "pgrad_policy_tensor", handle, index)
            shape = tuple(tensor.shape[: tensor.dimensions])
            numbers = parameters[tensor.offset : tensor.offset + int(np.prod(shape))]
            result[tensor.name.decode()] = numbers.reshape(shape)
        return result

    def load_state_dict(self, state_dict: Mapping[str, ArrayLike]) -> None:
        """Set all parameters by name; other threads that use the policy see all of them or none.

        Args:
            state_dict: An array of finite numbers for each name of `state_dict`, of the same shape.

        Raises:
            InvalidArgumentError: A name is missing or unknown, an array has another shape, or a number is not finite;
                nothing has changed.
            Error: An update is unfinished, see `Agent.update_for`, or another thread changes the policy.
        """
        if not isinstance(state_dict, Mapping):
            raise InvalidArgumentError(f"state_dict is {state_dict!r:.80}; expected a mapping from names to arrays")
        views = self._tensors()
        missing, unknown = sorted(views.keys() - state_dict.keys()), sorted(state_dict.keys() - views.keys())
        if missing or unknown:
            what = f"lacks {missing}" if missing else f"has {unknown}, which the policy does not have"
            raise InvalidArgumentError(f"state_dict {what}; expected the keys {list(views)}")
        arrays = {
            name: shaped(f"state_dict[{name!r}]", state_dict[name], target.shape) for name, target in views.items()
        }
        for name, array in arrays.items():
            require_finite(f"state_dict[{name!r}]", array)
        source = create("policy", "clone", self._handle.value)
        view(source)[:] = np.concatenate([array.ravel() for array in arrays.values()])
        check(library.pgrad_policy_assign(self._handle.value, source.value))
