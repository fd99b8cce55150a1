"""Acting in eager torch, without the checks of its distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from benchmarks.peers.numpy_acting import SIZES

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def sampler(batch: np.ndarray) -> Callable[[], object]:
    """Draws an action for each row, with its log-probability."""
    torch.set_num_threads(1)
    first, second, third, last = SIZES
    network = torch.nn.Sequential(
        *(torch.nn.Linear(first, second), torch.nn.Tanh(), torch.nn.Linear(second, third), torch.nn.Tanh()),
        torch.nn.Linear(third, last),
    )

    def act() -> tuple[np.ndarray, np.ndarray]:
        with torch.inference_mode():
            log_probs = torch.log_softmax(network(torch.from_numpy(batch)), 1)
            actions = torch.multinomial(log_probs.exp(), 1)
            return actions.numpy(), log_probs.gather(1, actions).numpy()

    return act
