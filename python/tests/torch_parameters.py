"""The parameters of a policy that sees images, in the layers of a policy of Stable-Baselines3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.sb3._names import in_our_order, in_their_order

if TYPE_CHECKING:
    import pgrad


class TorchParameters:
    """Their tensors in our order, without hidden layers; with ``value_encoder`` there are two encoders.

    Args:
        policy: Our policy.
        theirs: Their policy, of the same layers.
    """

    def __init__(self, policy: pgrad.Policy, theirs: Any) -> None:
        self._policy = policy
        self._tensors = {name: _tensor(theirs, name) for name in policy.state_dict()}
        used = {id(tensor) for tensor in self._tensors.values()}
        assert len(used) == len(self._tensors) == len([*theirs.parameters()])

    def copy(self, parameters: Any) -> None:
        """Give them parameters, which are in our order."""
        place = 0
        for name, array in self._policy.state_dict().items():
            start = parameters[place : place + array.size].reshape(array.shape)
            tensor = self._tensors[name].detach().numpy()  # the same memory
            tensor[...] = in_their_order(self._policy, name, start).reshape(tensor.shape)
            place += array.size

    def read(self) -> Any:
        """Their parameters in our order."""
        arrays = {name: tensor.detach().numpy() for name, tensor in self._tensors.items()}
        return np.concatenate([in_our_order(self._policy, name, array).ravel() for name, array in arrays.items()])


def _tensor(theirs: Any, name: str) -> Any:
    """The tensor that stands for one of ours."""
    if name.endswith("log_std"):
        return theirs.log_std
    network, *_, layer, kind = name.split(".")
    if "observation" not in name:
        return getattr({"policy": theirs.action_net, "value": theirs.value_net}[network], kind)
    extractor = theirs.vf_features_extractor if network == "value" else theirs.pi_features_extractor
    return getattr([one for one in extractor.modules() if hasattr(one, "weight")][int(layer)], kind)
