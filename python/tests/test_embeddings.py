"""Embeddings of the choices of observations, which agents make."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import Scripted, same_parameters, small_ppo

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = spaces.Box(0, 255, (10, 9, 2), np.uint8)
CHOICES: dict[str, tuple[Any, tuple[pgrad.ObservationPart, ...]]] = {
    "Discrete": (spaces.Discrete(5, start=1), (pgrad.Choice(5, 3),)),
    "MultiDiscrete": (spaces.MultiDiscrete([2, 7]), (pgrad.Choice(2, 3), pgrad.Choice(7, 3))),
    "Dict": (
        spaces.Dict(a=spaces.Discrete(4), b=spaces.Box(-1, 1, (2,)), c=spaces.MultiBinary((3, 3))),
        (pgrad.Choice(4, 3), pgrad.Vector(11)),
    ),
}


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.filterwarnings("ignore:the file has no state of")
def test_agents_embed_choices(name: str, tmp_path: Path) -> None:
    space, parts = CHOICES[name]
    env = partial(Scripted, space, spaces.Discrete(3))
    agent = small_ppo(env, embedding=3).learn(32)
    assert agent.policy.observation_parts == parts
    assert agent.hyperparameters["embedding"] == 3
    assert same_parameters(agent, pgrad.PPO(env, **agent.hyperparameters).learn(32))
    agent.save(tmp_path / "agent")
    sample = space.sample()
    loaded = pgrad.load(tmp_path / "agent", env)
    assert loaded.predict(sample, deterministic=True) == agent.predict(sample, deterministic=True)
    assert small_ppo(env).hyperparameters["embedding"] == 0


def test_an_embedding_needs_choices_and_a_new_policy() -> None:
    with pytest.raises(pgrad.InvalidArgumentError, match="^embedding is 3; expected 0, because observations hold no"):
        small_ppo(partial(Scripted, PICTURE, spaces.Discrete(3)), embedding=3)
    with pytest.raises(pgrad.InvalidArgumentError, match="^embedding is 3; expected 0, because a policy was given"):
        small_ppo(None, policy=pgrad.Policy(5, pgrad.Categorical(2)), embedding=3)
    with pytest.raises(pgrad.InvalidArgumentError, match="^embedding is 1.5; expected a whole number"):
        small_ppo(partial(Scripted, spaces.Discrete(3), spaces.Discrete(3)), embedding=1.5)
