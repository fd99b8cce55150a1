"""Writes sb3/updates.json and sb3/rollouts.json, of one update of Stable-Baselines3 and its Contrib.

They hold the parameters after it, and what the rollout buffer holds before it. The tests read them and need neither
torch nor those libraries. Run in the folder ``python``, in an environment with pgrad, pytest and sb3-contrib 2.9:

    python -m tests.reference.make_sb3_updates

pgrad acts first, and the other library is given the same actions: both learn from the same rollout. RecurrentPPO, which
cuts its rollout at a random place, cuts it at the start; see make_contrib.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import sb3_contrib
import stable_baselines3
import torch
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.sb2_compat.rmsprop_tf_like import RMSpropTFLike
from stable_baselines3.common.vec_env import DummyVecEnv

from pgrad.sb3._names import their_name
from tests.sb3_updates import CASES, ESTIMATES, environments, update
from tests.test_update import ENVS, STEPS

OPTIMIZERS: dict[str, Any] = {"SGD": torch.optim.SGD, "RMSpropTFLike": RMSpropTFLike}


class Watch(BaseCallback):
    """Copies the rollout buffer when it is full."""

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        self.estimates = {name: np.squeeze(getattr(self.model.rollout_buffer, name)).copy() for name in ESTIMATES}


def parameters_after(case: Any, policy: Any, before: Any, actions: Any) -> tuple[Any, dict[str, Any]]:
    """The other library's parameters in pgrad's order, and what its rollout buffer held."""
    name, kind, space, options = case
    given = {**options, "policy_kwargs": dict(options["policy_kwargs"])}
    if "optimizer_class" in given["policy_kwargs"]:
        given["policy_kwargs"]["optimizer_class"] = OPTIMIZERS[given["policy_kwargs"]["optimizer_class"]]
    library = stable_baselines3 if hasattr(stable_baselines3, name) else sb3_contrib
    env = DummyVecEnv([lambda env=env: env for env in environments(space)])
    model = getattr(library, name)(kind, env, seed=3, device="cpu", **given)
    own = dict(model.policy.named_parameters())
    names = {tensor: their_name(tensor, policy) for tensor in policy._tensors()}
    assert sorted(names.values()) == sorted(own)
    place = 0
    with torch.no_grad():
        for tensor, array in policy._tensors().items():
            start = before[place : place + array.size].reshape(array.shape)
            own[names[tensor]].copy_(torch.from_numpy(start.T.copy()))
            place += array.size
    taken = iter(torch.as_tensor(actions))
    model.policy.action_dist.get_actions = lambda deterministic=False: next(taken)
    watch = Watch()
    model.learn(STEPS * ENVS, watch)
    after = np.concatenate([own[names[tensor]].detach().numpy().T.ravel() for tensor in policy._tensors()])
    return after, watch.estimates


def main() -> None:
    """Write the files."""
    results, rollouts = [], []
    for case in CASES:
        model, envs, before = update(case)
        actions = np.stack([np.stack(env.rollout["actions"]) for env in envs], 1)
        with patch.object(np.random, "randint", return_value=0):
            after, estimates = parameters_after(case, model.policy, before, actions)
        step = np.linalg.norm(after - before)
        print(*case[:3], "step", step, "difference", np.linalg.norm(model.policy.parameters - after) / step)
        results.append({"actions": actions.tolist(), "parameters": [float(f"{x:.9g}") for x in after]})
        rollouts.append({name: [float(f"{x:.7g}") for x in array.ravel()] for name, array in estimates.items()})
    folder = Path(__file__).with_name("sb3")
    folder.joinpath("updates.json").write_text(json.dumps(results) + "\n")
    folder.joinpath("rollouts.json").write_text(json.dumps(rollouts) + "\n")


if __name__ == "__main__":
    main()
