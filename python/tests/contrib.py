"""The updates that are compared with Stable-Baselines3 Contrib, as pgrad does them."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

import pgrad
from tests.test_update import ENVS, STEPS, Tabled

HIDDEN = (8, 8)
MEMORY_SIZE = 4
OPTIONS: dict[str, Any] = {"gamma": 0.9, "gae_lambda": 0.8, "clip_range": 0.1, "ent_coef": 0.03, "vf_coef": 0.7}
GRADIENT: dict[str, Any] = {"optimizer": "sgd", "n_epochs": 1, "learning_rate": 1.0, "max_grad_norm": None}
EPOCHS: dict[str, Any] = {"optimizer": "sgd", "n_epochs": 10, "learning_rate": 0.3, "max_grad_norm": 0.5}
ADAM: dict[str, Any] = {"optimizer": "adam", "n_epochs": 4, "learning_rate": 3e-3, "max_grad_norm": 0.5}
CASES: list[dict[str, Any]] = [
    {**options, "memory_layers": layers, "discrete": discrete}
    for options in (GRADIENT, EPOCHS, ADAM)
    for layers, discrete in ((0, True), (1, True), (2, True), (1, False))
]
"""Without layers of memory, the update is one of MaskablePPO; with layers, of RecurrentPPO with an LSTM."""


class Masked(Tabled):
    """With masks, which depend on the number of the step."""

    def action_masks(self) -> Any:
        number = len(self.rollout["rewards"])
        return np.array([number % 2 == 0, number % 3 != 0, True])


def environments(case: dict[str, Any]) -> list[Tabled]:
    """New environments, which give the same observations and rewards each time."""
    space = spaces.Discrete(3) if case["discrete"] else spaces.Box(-100, 100, (2,), np.float32)
    return [(Tabled if case["memory_layers"] else Masked)(space, seed) for seed in range(ENVS)]


def update(case: dict[str, Any]) -> tuple[pgrad.PPO, list[Tabled], Any]:
    """pgrad's agent after the update, its environments, and its parameters before it."""
    envs, layers = environments(case), case["memory_layers"]
    names = ("optimizer", "n_epochs", "learning_rate", "max_grad_norm")
    memory: dict[str, Any] = {}
    if layers:
        memory = {"memory": "lstm", "memory_size": MEMORY_SIZE, "memory_layers": layers}
    agent = pgrad.PPO(
        [lambda env=env: env for env in envs],
        n_steps=STEPS,
        batch_size=STEPS * ENVS,
        hidden_sizes=() if layers else HIDDEN,
        seed=3,
        **memory,
        **OPTIONS,
        **{name: case[name] for name in names},
    )
    agent.policy.parameters = np.random.default_rng(9).normal(0, 0.3, agent.policy.parameter_count)
    before = agent.policy.parameters.copy()
    agent.learn(STEPS * ENVS)
    return agent, envs, before
