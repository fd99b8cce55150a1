"""The parameters of a policy, as one vector and by name."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from pgrad._bindings import check, describe, library, view
from pgrad._structures import Tensor
from pgrad._validation import shaped
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
        them; the layers of the value network, only one with a shared trunk. The array keeps the memory alive.
        """
        if self._parameters is None:
            self._parameters = view(self._handle)
        return self._parameters

    @parameters.setter
    def parameters(self, values: ArrayLike) -> None:
        self.parameters[:] = shaped("parameters", values, (self.parameter_count,))

    def state_dict(self) -> dict[str, FloatArray]:
        """The parameters by name, as in files: "policy.0.weight" (inputs × outputs), "policy.0.bias", and so on.

        Returns:
            Writable views of `parameters`, in its order; the policy uses new values immediately. PyTorch's
            ``Linear.weight`` is the transpose of a weight.

        Example:
            >>> pgrad.Policy(4, pgrad.Categorical(2), hidden_sizes=()).state_dict()["policy.0.weight"].shape
            (4, 2)
        """
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
        """Set all parameters by name.

        Args:
            state_dict: An array for each name of `state_dict`, of the same shape.

        Raises:
            InvalidArgumentError: A name is missing or unknown, or an array has another shape; nothing has changed.
        """
        if not isinstance(state_dict, Mapping):
            raise InvalidArgumentError(f"state_dict is {state_dict!r:.80}; expected a mapping from names to arrays")
        views = self.state_dict()
        missing, unknown = sorted(views.keys() - state_dict.keys()), sorted(state_dict.keys() - views.keys())
        if missing or unknown:
            what = f"lacks {missing}" if missing else f"has {unknown}, which the policy does not have"
            raise InvalidArgumentError(f"state_dict {what}; expected the keys {list(views)}")
        arrays = {
            name: shaped(f"state_dict[{name!r}]", state_dict[name], target.shape) for name, target in views.items()
        }
        for name, array in arrays.items():
            views[name][...] = array
