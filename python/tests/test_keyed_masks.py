"""Masks in observations that are dicts, for actions that are dicts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import BOX, Scripted, small_ppo
from tests.nested import HOSTS, hosts

if TYPE_CHECKING:
    from pathlib import Path

THREE, TWO = spaces.MultiBinary(3), spaces.MultiBinary(2)
KIND_AIM = spaces.Dict(kind=spaces.Discrete(3), aim=spaces.Discrete(3))
"""Gymnasium sorts the keys of a dict, but not those of keyword arguments."""
NESTED = spaces.Dict(
    walk=spaces.Box(-1, 1, (2,)),
    arm=spaces.Tuple([spaces.Box(0, 1, (1,)), spaces.Dict(turn=spaces.Discrete(3), grip=spaces.MultiDiscrete([3, 2]))]),
)
MASKS: dict[str, tuple[Any, Any, Any]] = {
    "flat": (KIND_AIM, spaces.Dict({"kind": THREE, "aim": THREE}), {"kind": [1, 0, 0], "aim": [0, 0, 1]}),
    "by position": (KIND_AIM, spaces.Tuple([THREE, THREE]), ([1, 0, 0], [0, 0, 1])),
    "nested": (
        NESTED,
        spaces.Dict(arm=spaces.Tuple([spaces.Dict({"turn": THREE, "grip": spaces.MultiBinary(5)})])),
        {"arm": ({"turn": [0, 1, 0], "grip": [0, 0, 1, 1, 0]},)},
    ),
    "one array for a branch": (NESTED, spaces.Dict(arm=spaces.MultiBinary(8)), {"arm": [0, 1, 0, 0, 0, 1, 1, 0]}),
    "one array for each part": (NESTED, spaces.Tuple([THREE, THREE, TWO]), ([0, 1, 0], [0, 0, 1], [1, 0])),
}


def arrays(mask: Any) -> Any:
    """A mask with arrays in place of lists."""
    if isinstance(mask, dict):
        return {key: arrays(member) for key, member in mask.items()}
    return tuple(map(arrays, mask)) if isinstance(mask, tuple) else np.array(mask, np.int8)


def is_allowed(action: Any) -> bool:
    if "kind" in action:
        return bool(action["kind"] == 0 and action["aim"] == 2)
    return bool(action["arm"][1]["turn"] == 1 and action["arm"][1]["grip"].tolist() == [2, 0])


class Keyed(Scripted):
    """An environment whose mask allows one combination of choices."""

    def __init__(self, name: str) -> None:
        action, mask, self._mask = MASKS[name]
        super().__init__(spaces.Dict({"x": BOX, "action_mask": mask}), action)

    def reset(self, **options: Any) -> Any:
        observation, info = super().reset(**options)
        return observation | {"action_mask": arrays(self._mask)}, info

    def step(self, action: Any) -> Any:
        assert is_allowed(action), action
        observation, *others = super().step(action)
        return observation | {"action_mask": arrays(self._mask)}, *others


@pytest.mark.parametrize("host", [host for host in HOSTS if "async" not in host])
@pytest.mark.parametrize("name", MASKS)
def test_each_member_of_a_mask_belongs_to_the_member_of_the_action(name: str, host: str, tmp_path: Path) -> None:
    env = hosts(partial(Keyed, name))[host]()
    agent = small_ppo(env).learn(32)
    pgrad.evaluate(agent, env, 2, deterministic=False)
    agent.save(tmp_path / "agent")
    for one in (agent, pgrad.load(tmp_path / "agent")):
        assert is_allowed(one.predict(Keyed(name).reset(seed=0)[0])[0])


CORRECT = "correct the mask, or rename the key, in a wrapper"


@pytest.mark.parametrize(
    ("mask", "action", "message"),
    [
        (
            spaces.Dict(foo=THREE, aim=THREE),
            KIND_AIM,
            r"the environment's observation_space\['action_mask'\] has the keys 'foo', 'aim'; expected 'kind', 'aim', "
            rf"the keys of choices in the action space Dict\('kind': .*\): {CORRECT}",
        ),
        (spaces.Dict(kind=THREE), KIND_AIM, r"has the keys 'kind'; expected 'kind', 'aim', the keys"),
        (
            spaces.Dict(kind=THREE, aim=TWO),
            KIND_AIM,
            r"observation_space\['action_mask'\]\['aim'\] is MultiBinary\(2\), a mask of 2 flags; expected 3 flags, "
            rf"one for each choice of the action space Discrete\(3\): {CORRECT}",
        ),
        (
            spaces.Tuple([spaces.MultiBinary(2), spaces.MultiBinary(4)]),
            KIND_AIM,
            r"observation_space\['action_mask'\]\[0\] is MultiBinary\(2\), a mask of 2 flags; expected 3 flags",
        ),
        (
            spaces.Dict(arm=spaces.Tuple([spaces.Dict(turn=THREE, grasp=spaces.MultiBinary(5))])),
            NESTED,
            r"\['action_mask'\]\['arm'\]\[0\] has the keys 'turn', 'grasp'; expected 'turn', 'grip', the keys of",
        ),
        (
            spaces.Dict(first=TWO, second=THREE),
            spaces.MultiDiscrete([2, 3]),
            r"observation_space\['action_mask'\] is Dict.*; expected flags, or a Tuple of one mask for each part, "
            rf"because the action space MultiDiscrete\(\[2 3\]\) has no keys: {CORRECT}",
        ),
        (spaces.Dict(first=TWO), BOX, r"is Dict.*, a mask of 2 flags; expected 0 flags"),
    ],
)
def test_a_mask_with_other_members_than_the_action_is_refused(mask: Any, action: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_ppo(Scripted(spaces.Dict({"x": BOX, "action_mask": mask}), action))


@pytest.mark.parametrize("wrap", [lambda inner: spaces.Dict(inner=inner), lambda inner: spaces.Tuple([inner])])
def test_a_mask_further_inside_is_an_ordinary_input(wrap: Any) -> None:
    agent = small_ppo(Scripted(wrap(spaces.Dict({"x": BOX, "action_mask": THREE})), KIND_AIM)).learn(16)
    assert agent.policy.observation_parts == (pgrad.Vector(6),)
