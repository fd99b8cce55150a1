"""Writes contrib.json: parameters after one update of RecurrentPPO and MaskablePPO of Stable-Baselines3 Contrib.

The tests read the file and need neither torch nor that library. Run in the folder ``python``, in an environment with
pgrad, pytest and sb3-contrib 2:

    python -m tests.reference.make_contrib

pgrad acts first, and the other library is given the same actions: both learn from the same rollout. The file holds the
actions, so that the tests can check that this is still so.

RecurrentPPO cuts its rollout, all environments one after the other, at a random place, and starts there a new sequence
with the state that the rollout had: gradients do not pass through that cut. Here it always cuts at the start. A cut
after 20 steps of the first environment changes the gradient by 2e-3 to 9e-3 of its length. Without it, 1e-6 remains.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from sb3_contrib import MaskablePPO, RecurrentPPO
from stable_baselines3.common.vec_env import DummyVecEnv

from tests.contrib import CASES, HIDDEN, MEMORY_SIZE, OPTIONS, environments, update
from tests.test_update import ENVS, STEPS

OPTIMIZERS: dict[str, Any] = {"sgd": (torch.optim.SGD, {}), "adam": (torch.optim.Adam, {"eps": 1e-5})}


def torch_name(name: str, hidden_layers: int) -> str:
    """The other library's name of one of pgrad's tensors."""
    network, *rest = name.split(".")
    actor = network == "policy"
    if rest == ["log_std"]:
        return "log_std"
    if rest[0] == "memory":
        _, layer, side, kind = rest
        return f"lstm_{'actor' if actor else 'critic'}.{kind}_{'ih' if side == 'input' else 'hh'}_l{layer}"
    layer, kind = rest
    if int(layer) == hidden_layers:
        return f"{'action' if actor else 'value'}_net.{kind}"
    return f"mlp_extractor.{network}_net.{2 * int(layer)}.{kind}"


def model_of(case: dict[str, Any], envs: list[Any]) -> Any:
    optimizer, arguments = OPTIMIZERS[case["optimizer"]]
    options = {"optimizer_class": optimizer, "optimizer_kwargs": arguments}
    shared: dict[str, Any] = {
        "env": DummyVecEnv([lambda env=env: env for env in envs]),
        "learning_rate": case["learning_rate"],
        "n_steps": STEPS,
        "batch_size": STEPS * ENVS,
        "n_epochs": case["n_epochs"],
        "max_grad_norm": case["max_grad_norm"] or 1e9,
        "device": "cpu",
        **OPTIONS,
    }
    if not case["memory_layers"]:
        return MaskablePPO("MlpPolicy", policy_kwargs={**options, "net_arch": list(HIDDEN)}, **shared)
    memory = {"n_lstm_layers": case["memory_layers"], "lstm_hidden_size": MEMORY_SIZE, "enable_critic_lstm": True}
    return RecurrentPPO("MlpLstmPolicy", policy_kwargs={**options, **memory, "net_arch": []}, **shared)


def parameters_after(case: dict[str, Any], tensors: dict[str, Any], actions: Any) -> list[float]:
    """The other library's parameters in pgrad's order."""
    model = model_of(case, environments(case))
    names = {name: torch_name(name, 0 if case["memory_layers"] else len(HIDDEN)) for name in tensors}
    own = dict(model.policy.named_parameters())
    assert sorted(names.values()) == sorted(own)
    with torch.no_grad():
        for name, tensor in tensors.items():
            own[names[name]].copy_(torch.from_numpy(tensor.T.copy()))
    given = iter(torch.as_tensor(actions))
    model.policy.action_dist.get_actions = lambda deterministic=False: next(given)
    model.learn(STEPS * ENVS)
    return [float(x) for name in tensors for x in own[names[name]].detach().numpy().T.ravel()]


def main() -> None:
    """Write the file."""
    results = []
    for case in CASES:
        agent, envs, before = update(case)
        actions = np.stack([np.stack(env.rollout["actions"]) for env in envs], 1)
        place, tensors = 0, {}
        for name, tensor in agent.policy.state_dict().items():
            tensors[name] = before[place : place + tensor.size].reshape(tensor.shape)
            place += tensor.size
        with patch.object(np.random, "randint", return_value=0):  # where RecurrentPPO cuts
            after = np.array(parameters_after(case, tensors, actions))
        step = np.linalg.norm(after - before)
        print(case, "step", step, "difference", np.linalg.norm(agent.policy.parameters - after) / step)
        results.append({"actions": actions.tolist(), "parameters": [float(f"{x:.9g}") for x in after]})
    Path(__file__).with_name("contrib.json").write_text(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
