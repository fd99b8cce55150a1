"""A training in a native game is Stable-Baselines3's, if both are given the same parameters and random numbers."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import pytest

import pgrad
from benchmarks.learning.plan import Job
from pgrad.presets import preset
from tests.philox import buffer_orders, uniforms
from tests.torch_parameters import TorchParameters

if TYPE_CHECKING:
    from collections.abc import Callable

torch: Any = pytest.importorskip("torch", reason="a requirement of the learning benchmark")
pytest.importorskip("stable_baselines3", reason="a requirement of the learning benchmark")

SEED = 3
ITERATIONS = 3
# With larger rates, an update multiplies differences of rounding by a thousand and more.
RATE = 1e-5


def sampler(n_envs: int) -> Callable[..., Any]:
    """A stand-in for the method `sample` of torch's Categorical, with our random numbers."""
    steps = count()

    def sample(distribution: Any, _: Any = None) -> Any:
        draws = torch.tensor(uniforms(n_envs, SEED, next(steps)), dtype=torch.float64)
        return (distribution.probs.double().cumsum(-1) <= draws[:, None]).sum(-1)

    return sample


@pytest.mark.parametrize("game", ["Asterix", "Breakout", "Freeway", "Seaquest", "SpaceInvaders"])
def test_iterations_from_the_first_on_are_those_of_stable_baselines3(game: str) -> None:
    from stable_baselines3.common.callbacks import BaseCallback

    from benchmarks.learning import sb3_minatar

    env = f"pgrad/MinAtar/{game}-v1"
    options = preset("ppo", env) | {"learning_rate": RATE, "learning_rate_schedule": "constant"}
    n_envs, n_steps, n_epochs = (options[name] for name in ("n_envs", "n_steps", "n_epochs"))
    agent = pgrad.PPO(env, **options, seed=SEED)
    model = sb3_minatar.model(Job("sb3", "ppo", "pgrad", env, SEED, ITERATIONS * n_envs * n_steps))
    model.lr_schedule = lambda _: RATE
    parameters = TorchParameters(agent.policy, model.policy)
    parameters.copy(agent.policy.parameters)

    class Comparison(BaseCallback):  # type: ignore[misc]  # untyped where it is not installed
        """Compares each update with one of the agent, and each rollout with the one that the agent learned from."""

        compared = 0
        before = agent.policy.parameters.copy()

        def _on_step(self) -> bool:
            return True

        def _on_rollout_start(self) -> None:
            if self.compared:
                self.compare_update()

        def compare_update(self) -> None:
            step = parameters.read() - self.before
            difference = agent.policy.parameters - self.before - step
            # Below 1e-4 but in Freeway, whose first gradients are so small that rounding counts more.
            assert np.linalg.norm(difference) <= 1e-3 * np.linalg.norm(step)
            self.before = agent.policy.parameters.copy()

        def _on_rollout_end(self) -> None:
            agent.learn(n_envs * n_steps)
            ours, theirs = agent.learned_rows(), model.rollout_buffer
            assert np.array_equal(ours.observations.reshape(-1), theirs.observations.reshape(-1))
            assert np.array_equal(ours.draws, theirs.actions)
            assert np.array_equal(ours.rewards, theirs.rewards)
            for name in ("log_probs", "values", "advantages"):
                np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-5, atol=1e-5)
            self.compared += 1

    comparison, orders = Comparison(), buffer_orders(n_steps, n_envs, n_epochs, SEED)
    with (
        patch.object(torch.distributions.Categorical, "sample", sampler(n_envs)),
        patch("numpy.random.permutation", lambda _: next(orders)),
    ):
        model.learn(ITERATIONS * n_envs * n_steps, callback=comparison)
    comparison.compare_update()
    assert comparison.compared == ITERATIONS
