"""Simple policy optimisation, compared with PPO; only the surrogate differs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pgrad

ENV = "pgrad/CartPole-v1"
SMALL: dict[str, Any] = {"n_envs": 4, "n_steps": 64, "batch_size": 64, "seed": 3}


def parameters(kind: type[pgrad.Agent], **options: Any) -> np.ndarray[Any, Any]:
    return np.array(kind(ENV, **(SMALL | options)).learn(256).policy.parameters)


def test_the_first_step_is_ppos_since_no_ratio_has_moved() -> None:
    once = {"batch_size": 256, "n_epochs": 1}
    assert np.array_equal(parameters(pgrad.SPO, **once), parameters(pgrad.PPO, **once))


def test_later_steps_differ_from_ppos() -> None:
    assert not np.array_equal(parameters(pgrad.SPO), parameters(pgrad.PPO))


def test_fewer_ratios_leave_the_clip_range_than_with_ppo() -> None:
    bold: dict[str, Any] = SMALL | {"learning_rate": 3e-3}
    spo, ppo = (
        np.mean([record.clip_fraction for record in kind(ENV, **bold).learn(5_120).history])
        for kind in (pgrad.SPO, pgrad.PPO)
    )
    # 0.003 to 0.008 against 0.126 to 0.129 with seeds 3 to 6.
    assert spo < 0.5 * ppo


@pytest.mark.parametrize("option", ["surrogate", "kl_coef"])
def test_the_surrogate_options_of_ppo_are_refused(option: str) -> None:
    options: dict[str, Any] = {option: 1}
    with pytest.raises(TypeError, match=option):
        pgrad.SPO(ENV, **options)


def test_a_saved_agent_is_of_the_same_kind(tmp_path: Any) -> None:
    agent = pgrad.SPO(ENV, **SMALL).learn(256)
    agent.save(tmp_path / "spo.safetensors")
    loaded = pgrad.load(tmp_path / "spo.safetensors", env=ENV)
    assert type(loaded) is pgrad.SPO
    assert np.array_equal(loaded.policy.parameters, agent.policy.parameters)
