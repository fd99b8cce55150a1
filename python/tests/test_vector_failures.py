"""Results that Gymnasium's own vector environments cannot store, and errors of the environments themselves."""

from __future__ import annotations

from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

import pgrad
from tests.helpers import BOX, Scripted, small_ppo
from tests.test_step_results import DISCRETE, Returning, Vector

GOOD = partial(Scripted, BOX, DISCRETE)
MODES = pytest.mark.parametrize("mode", list(AutoresetMode))
WRONG: list[dict[str, Any]] = [
    {"reward": None},
    {"reward": 1j},
    {"reward": np.array([1.0])},
    {"reward": "x"},
    {"reward": 10**400},
    {"length": 4},
    {"observation": None},
    {"observation": np.zeros(5, np.float32)},
    {"reset": lambda observation, _: (observation,)},
    {"info": None},
]


@MODES
@pytest.mark.parametrize("replaced", WRONG)
def test_an_error_names_the_environment_in_a_sync_vector(replaced: dict[str, Any], mode: AutoresetMode) -> None:
    env = SyncVectorEnv([GOOD, partial(Returning, **replaced)], autoreset_mode=mode)
    with pytest.raises(pgrad.Error, match="environment 1 of SyncVectorEnv returned") as raised:
        small_ppo(env, batch_size=32).learn(32)
    assert isinstance(raised.value, ValueError)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("replaced", WRONG)
def test_an_error_names_the_environment_in_an_async_vector(replaced: dict[str, Any]) -> None:
    env = AsyncVectorEnv([GOOD, partial(Returning, **replaced)])
    try:
        # NumPy stores None as nan, which the library refuses by its row.
        with pytest.raises(
            ValueError, match=r"(environment 1 of |)AsyncVectorEnv( returned|: next_observations\[1, 0\] is nan)"
        ):
            small_ppo(env, batch_size=32).learn(32)
    finally:
        env.close(terminate=True)


class Failing(Scripted):
    """Raises its own error."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(BOX, DISCRETE)
        self._error = error

    def step(self, action: Any) -> Any:
        raise self._error


@pytest.mark.parametrize("error", [ValueError, TypeError, OverflowError, RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_error_of_the_environment_reaches_the_caller_unchanged(error: type[BaseException]) -> None:
    own = error("of my own")
    env = SyncVectorEnv([GOOD, partial(Failing, own)])
    with pytest.raises(error, match="of my own") as raised:
        small_ppo(env, batch_size=32).learn(32)
    assert raised.value is own


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("error", [ValueError, TypeError, RuntimeError])
def test_an_error_of_a_worker_keeps_its_type(error: type[Exception]) -> None:
    env = AsyncVectorEnv([GOOD, partial(Failing, error("of my own"))])
    try:
        with pytest.raises(error, match="of my own") as raised:
            small_ppo(env, batch_size=32).learn(32)
        assert type(raised.value) is error
    finally:
        env.close(terminate=True)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_worker_that_exits_is_named() -> None:
    env = AsyncVectorEnv([GOOD, partial(Failing, SystemExit(3))])
    try:
        with pytest.raises(pgrad.Error, match="a worker process of AsyncVectorEnv has ended"):
            small_ppo(env, batch_size=32).learn(32)
    finally:
        env.close(terminate=True)


@pytest.mark.parametrize("last", [None, 3, np.zeros(()), [np.zeros(3, np.float32)]])
def test_last_observations_have_one_entry_of_each_environment(last: Any) -> None:
    env = Vector(truncated=np.ones(2, np.bool_), info={"final_obs": last})
    with pytest.raises(pgrad.Error, match=r"Vector returned info\['final_obs'\] = .*expected 2 entries"):
        small_ppo(env, batch_size=32).learn(32)


def test_a_batch_of_choices_without_rows_is_refused() -> None:
    class Choosing(Vector):
        single_observation_space: Any = gymnasium.spaces.Discrete(3)

        def reset(self, *, seed: Any = None, options: Any = None) -> Any:
            return np.zeros(2, np.int64), {}

    with pytest.raises(pgrad.Error, match=r"Choosing: observations has shape \(\); expected \('n',\)"):
        small_ppo(Choosing(observations=np.int64(1)), batch_size=32).learn(32)


@pytest.mark.parametrize("envs", [4, None, np.zeros(2), {"a": 1}, [1, 2]])
def test_a_vector_may_have_any_attribute_named_envs(envs: Any) -> None:
    env: Any = Vector()
    env.envs = envs
    assert small_ppo(env, batch_size=32).learn(32).num_timesteps == 32


def test_a_reset_with_a_mask_is_checked_like_any_other() -> None:
    class Restarting(Vector):
        metadata = {"autoreset_mode": AutoresetMode.DISABLED}  # noqa: RUF012

        def reset(self, *, seed: Any = None, options: Any = None) -> Any:
            observations, info = super().reset()
            return (observations, info) if options is None else observations

    env = Restarting(terminated=np.ones(2, np.bool_))
    with pytest.raises(pgrad.Error, match="(?s)Restarting returned .* from reset; expected observation and info"):
        small_ppo(env, batch_size=32).learn(32)


def test_a_list_may_mix_environments_and_wrappers() -> None:
    assert small_ppo([GOOD(), gymnasium.wrappers.TimeLimit(GOOD(), 3)], batch_size=32).learn(32).num_timesteps == 32
