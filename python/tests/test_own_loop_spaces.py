"""Loops of one's own with Gymnasium spaces: nested observations, actions and masks without an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import BOX, Scripted, same_parameters
from tests.nested import ACTIONS, CHOICE, OBSERVATIONS, Rewarding, chosen, joined
from tests.test_observed_masks import Observed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPTIONS: dict[str, Any] = {"n_steps": 16, "batch_size": 16, "n_epochs": 2, "gamma": 0.9, "hidden_sizes": (8,)}


def driven(agent: pgrad.Agent, envs: list[Any], steps: int, batch: Callable[[list[Any]], Any]) -> None:
    """Drive an agent by hand, with batches of observations in any form."""
    agent.begin(batch([env.reset(seed=index)[0] for index, env in enumerate(envs)]))
    for _ in range(steps):
        actions = agent.act()
        results = [env.step(chosen(actions, index)) for index, env in enumerate(envs)]
        last, rewards, terminated, truncated, _ = map(list, zip(*results, strict=True))
        ended = np.logical_or(terminated, truncated)
        following = [env.reset()[0] if over else now for env, over, now in zip(envs, ended, last, strict=True)]
        final = batch(last) if any(truncated) else None
        agent.observe(rewards, terminated, truncated, batch(following), final)


@pytest.mark.parametrize("action", [CHOICE, *ACTIONS.values()], ids=repr)
@pytest.mark.parametrize("space", [BOX, spaces.Discrete(4, start=2), *OBSERVATIONS.values()], ids=repr)
def test_a_loop_with_spaces_is_learn_to_the_bit(space: Any, action: Any, tmp_path: Path) -> None:
    agent = pgrad.PPO([Rewarding(space, action) for _ in range(2)], **OPTIONS).learn(64)
    own = pgrad.PPO(None, observation_space=space, action_space=action, n_envs=2, **OPTIONS)
    driven(own, [Rewarding(space, action) for _ in range(2)], 32, lambda values: joined(space, values))
    assert same_parameters(agent, own)
    own.save(tmp_path / "agent")
    loaded = pgrad.load(tmp_path / "agent")
    sample = space.sample()
    np.testing.assert_equal(loaded.predict(sample, deterministic=True)[0], agent.predict(sample, deterministic=True)[0])
    driven(loaded, [Rewarding(space, action) for _ in range(2)], 16, lambda values: joined(space, values))
    assert loaded.num_timesteps == 96


def test_masks_in_observations_are_used() -> None:
    """The environments refuse what their masks do not allow."""
    first = Observed()
    own = pgrad.PPO(
        None, observation_space=first.observation_space, action_space=first.action_space, n_envs=2, **OPTIONS
    )
    driven(own, [Observed(), Observed()], 40, lambda values: joined(first.observation_space, values))
    driven(own, [Observed(), Observed()], 40, lambda values: values)  # a list of dicts
    own.begin([env.reset()[0] for env in (first, Observed())])
    assert own.act([[0, 0, 1, 0], [0, 0, 0, 1]]).tolist() == [1, 2]


def test_a_list_may_leave_out_last_observations_of_episodes_that_continue() -> None:
    space = OBSERVATIONS["Dict"]
    own = pgrad.PPO(None, observation_space=space, action_space=CHOICE, n_envs=2, **OPTIONS)
    samples = [space.sample(), space.sample()]
    own.begin(samples)
    own.act()
    own.observe([0, 0], [False, False], [False, True], samples, [None, samples[1]])


def test_rows_remain_possible_for_arrays() -> None:
    for space, rows in ((spaces.Box(-1, 1, (2, 2)), np.zeros((1, 4))), (spaces.Discrete(3), [[0, 1, 0]])):
        own = pgrad.PPO(None, observation_space=space, action_space=CHOICE, **OPTIONS)
        own.begin(rows)
        own.begin(np.stack([space.sample()]))


def test_wrong_batches_and_spaces_are_refused() -> None:
    space = OBSERVATIONS["Dict"]
    own = pgrad.PPO(None, observation_space=space, action_space=CHOICE, n_envs=2, **OPTIONS)
    samples = [space.sample() for _ in range(3)]
    with pytest.raises(ValueError, match="observations hold 3 entries; expected 2"):
        own.begin(samples)
    with pytest.raises(ValueError, match="^observations is array.*; expected a dict with the keys"):
        own.begin(np.zeros((2, 6)))
    own.begin(samples[:2])
    own.act()
    none = [False, False]
    with pytest.raises(ValueError, match=r"next_observations: observations\['position'\] has shape"):
        own.observe([0, 0], none, none, joined(space, samples) | {"position": np.zeros((2, 4))})
    with pytest.raises(ValueError, match="final_observations: observations hold 3 entries; expected 2"):
        own.observe([0, 0], none, [True, False], samples[:2], samples)
    with pytest.raises(ValueError, match="final_observations: observations hold .* of shape .*expected 2 entries"):
        own.observe([0, 0], none, [True, False], samples[:2], joined(space, samples))
    for given in (
        {"observation_space": BOX},
        {"action_space": CHOICE},
        {"observation_space": 4, "action_space": CHOICE},
    ):
        with pytest.raises(ValueError, match="expected Gymnasium spaces as observation_space and action_space"):
            pgrad.PPO(None, **given)
    with pytest.raises(ValueError, match="action_space is given with env; expected None"):
        pgrad.PPO(Scripted(BOX, CHOICE), action_space=CHOICE)
    with pytest.raises(ValueError, match="observation_space has observations of 3 numbers; expected 4"):
        pgrad.PPO(None, policy=pgrad.Policy(4, pgrad.Categorical(2)), observation_space=BOX, action_space=CHOICE)
    with pytest.raises(ValueError, match="action_space has actions .*; expected what the policy gives"):
        pgrad.PPO(None, policy=pgrad.Policy(3, pgrad.Gaussian(2)), observation_space=BOX, action_space=CHOICE)
