"""The same actor-critic and loss in eager torch, with as little overhead as possible: plain formulas, fused Adam."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable


def stepper(width: int, batch: int, threads: int) -> Callable[[], object]:
    """One step at a time on the same minibatch, 17-width-width-6, Gaussian."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    actor, critic = _network(width, 6), _network(width, 1)
    log_std = nn.Parameter(torch.zeros(6))
    parameters = [*actor.parameters(), log_std, *critic.parameters()]
    adam = torch.optim.Adam(parameters, lr=1e-6, eps=1e-5, fused=True)
    observations, actions = torch.randn(batch, 17), torch.randn(batch, 6)
    old_log_probs, advantages, targets = torch.randn(3, batch)

    def call() -> None:
        deviations = (actions - actor(observations)) * torch.exp(-log_std)
        log_probs = (-0.5 * deviations**2 - log_std - 0.5 * math.log(2 * math.pi)).sum(1)
        ratio = torch.exp(log_probs - old_log_probs)
        weights = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        surrogate = torch.minimum(ratio * weights, ratio.clamp(0.8, 1.2) * weights).mean()
        loss = 0.5 * nn.functional.mse_loss(critic(observations)[:, 0], targets) - surrogate
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 0.5)
        adam.step()

    return call


def _network(width: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        *(nn.Linear(17, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh()),
        nn.Linear(width, outputs),
    )
