"""Scripts for Stable-Baselines3, with the import changed: its documentation's examples, shorter."""

from __future__ import annotations

import copy
import inspect
import io
import json
import random
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import pgrad
from pgrad import sb3
from pgrad.sb3 import A2C, PPO, TRPO, ActionMasker, MaskablePPO, RecurrentPPO, evaluate_policy, make_vec_env
from tests.helpers import same_parameters
from tests.test_resizing import tensors as agent_tensors

SIGNATURES = json.loads((Path(__file__).with_name("reference") / "sb3" / "signatures.json").read_text())
SMALL: dict[str, Any] = {"n_steps": 32, "batch_size": 32, "seed": 1, "policy_kwargs": {"net_arch": [8]}}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures_are_those_of_stable_baselines3(name: str) -> None:
    first, *rest = name.split(".")
    function = getattr(getattr(sb3, first), rest[0]) if rest else getattr(sb3, first)
    ours = [[one.name, one.default] for one in inspect.signature(function).parameters.values()]
    ours = [[name, None if default is inspect.Parameter.empty else default] for name, default in ours]
    theirs = SIGNATURES[name]
    if name == "evaluate_policy":
        theirs = [*theirs, ["use_masking", True]]  # of Contrib's function
    for (our_name, our_default), (their_name, their_default) in zip(ours, theirs, strict=True):
        assert our_name == their_name
        assert our_default == their_default or (our_name == "tb_log_name" and our_default is None)


@pytest.mark.parametrize("kind", [PPO, A2C])
def test_several_environments_learn_save_load_and_act(kind: Any, tmp_path: Path) -> None:
    vec_env = make_vec_env("CartPole-v1", n_envs=4, seed=0)
    model = kind("MlpPolicy", vec_env, n_steps=16, seed=1).learn(total_timesteps=128)
    model.save(tmp_path / "model")
    loaded = kind.load(tmp_path / "model")
    obs = vec_env.reset()
    assert obs.shape == (4, 4)
    lengths = np.zeros(4, int)
    for _ in range(120):
        action, states = loaded.predict(obs, deterministic=True)
        assert states is None
        assert np.array_equal(action, model.predict(obs, deterministic=True)[0])
        obs, rewards, dones, infos = vec_env.step(action)
        lengths += 1
        for index in np.flatnonzero(dones):
            assert infos[index]["episode"]["l"] == infos[index]["episode"]["r"] == lengths[index]
            assert not np.array_equal(infos[index]["terminal_observation"], obs[index])
            assert infos[index]["TimeLimit.truncated"] is False
            lengths[index] = 0
    assert rewards.dtype == np.float32
    assert dones.dtype == np.bool_


def test_trpo_learns_in_a_single_environment(tmp_path: Path) -> None:
    env = gymnasium.make("Pendulum-v1")
    model = TRPO("MlpPolicy", env, n_steps=128, seed=1).learn(total_timesteps=256, log_interval=4)
    with (tmp_path / "file").open("wb") as file:
        model.save(file)
    with (tmp_path / "file").open("rb") as file:
        model = TRPO.load(file, env=env)
    obs, _ = env.reset(seed=0)
    action, _ = model.predict(obs, deterministic=True)
    assert action.shape == (1,)
    env.step(action)
    assert model.learn(128).num_timesteps == 128


class Doors(gymnasium.Env[Any, Any]):
    """Of 40 doors, the two that are allowed lead on; one of them is right."""

    observation_space = gymnasium.spaces.Discrete(20)
    action_space = gymnasium.spaces.Discrete(40)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed)
        self._steps = 0
        self._place = int(self.np_random.integers(20))
        return self._place, {}

    def step(self, action: Any) -> tuple[int, float, bool, bool, dict[str, Any]]:
        assert self.mask()[action]
        reward, self._steps = float(action == 2 * self._place), self._steps + 1
        self._place = int(self.np_random.integers(20))
        return self._place, reward, self._steps == 10, False, {}

    def mask(self) -> Any:
        return np.arange(40) // 2 == self._place


def test_maskable_ppo_learns_and_is_evaluated_under_masks() -> None:
    env = ActionMasker(Doors(), lambda env: env.unwrapped.mask())
    model = MaskablePPO("MlpPolicy", env, n_steps=256, learning_rate=3e-3, gamma=0.4, seed=32)
    model.learn(2_048)
    mean, deviation = evaluate_policy(model, env, n_eval_episodes=20, reward_threshold=8, warn=False)
    assert mean > 8
    assert deviation >= 0
    returns, lengths = evaluate_policy(model, env, 3, return_episode_rewards=True)
    assert (len(returns), lengths) == (3, [10, 10, 10])
    obs, _ = env.reset(seed=3)
    for _ in range(9):
        masks = sb3.get_action_masks(env)
        action, _ = model.predict(obs, action_masks=masks)
        assert masks[action]
        obs, *_ = env.step(action)
    assert sb3.is_masking_supported(env)
    with pytest.raises(AssertionError, match="expected more than 11"):
        evaluate_policy(model, env, 2, reward_threshold=11)


def test_maskable_ppo_needs_masks() -> None:
    model = MaskablePPO("MlpPolicy", "CartPole-v1", **SMALL)
    with pytest.raises(ValueError, match="has no masks; expected a method action_masks\\(\\), which ActionMasker adds"):
        model.learn(64)
    assert model.learn(64, use_masking=False).num_timesteps == 64
    with pytest.raises(ValueError, match="only supports Discrete, MultiDiscrete and MultiBinary actions"):
        MaskablePPO("MlpPolicy", "Pendulum-v1", **SMALL)
    assert not sb3.is_masking_supported(model.get_env())
    with pytest.raises(ValueError, match="see ActionMasker"):
        sb3.get_action_masks(Doors())


def test_recurrent_ppo_carries_its_states(tmp_path: Path) -> None:
    kwargs = {"lstm_hidden_size": 8, "n_lstm_layers": 2, "net_arch": {"pi": [4], "vf": [6]}}
    model = RecurrentPPO("MlpLstmPolicy", "CartPole-v1", n_steps=64, batch_size=64, policy_kwargs=kwargs, seed=1)
    model.learn(128)
    vec_env = model.get_env()
    mean, _ = evaluate_policy(model, vec_env, n_eval_episodes=2, warn=False)
    assert mean >= 8
    model.save(tmp_path / "recurrent")
    model = RecurrentPPO.load(tmp_path / "recurrent")
    obs, lstm_states, episode_starts = vec_env.reset(), None, np.ones((1,), bool)
    for _ in range(12):
        action, lstm_states = model.predict(obs, state=lstm_states, episode_start=episode_starts, deterministic=True)
        obs, _, episode_starts, _ = vec_env.step(action)
    assert lstm_states is not None
    assert lstm_states[0].shape == lstm_states[1].shape == (2, 1, 8)
    single, state = model.predict(obs[0], state=lstm_states, episode_start=episode_starts, deterministic=True)
    batch, states = model.predict(obs, state=lstm_states, episode_start=episode_starts, deterministic=True)
    assert single == batch[0]
    assert np.array_equal(state, states)
    fresh = model.predict(obs, deterministic=True)[1]
    again = model.predict(obs, state=lstm_states, episode_start=np.ones(1, bool), deterministic=True)[1]
    assert np.array_equal(fresh, again)
    with pytest.raises(ValueError, match="expected None or the pair that predict returned"):
        model.predict(obs, state=np.zeros((1, 8)))


def test_an_image_and_a_dict_have_their_policies() -> None:
    image = gymnasium.spaces.Box(0, 255, (36, 36, 1), np.uint8)
    env = make_vec_env(lambda: _Random(image))
    model = PPO("CnnPolicy", env, n_steps=8, batch_size=8, n_epochs=1, seed=1).learn(8)
    picture = image.sample()
    assert model.predict(picture, deterministic=True)[0].shape == ()
    first_channels, _ = model.predict(np.moveaxis(picture, -1, 0), deterministic=True)
    assert first_channels == model.predict(picture, deterministic=True)[0]
    sensors = gymnasium.spaces.Dict({"a": gymnasium.spaces.Box(-1, 1, (2,)), "b": gymnasium.spaces.Discrete(3)})
    model = PPO("MultiInputPolicy", _Random(sensors), **SMALL).learn(32)
    assert int(model.predict(sensors.sample())[0]) in range(3)
    for policy, space in (("MlpPolicy", image), ("CnnPolicy", sensors), ("MultiInputPolicy", image)):
        with pytest.raises(ValueError, match=f"policy is '{policy}', which does not fit env"):
            PPO(policy, _Random(space), n_steps=8, batch_size=8)


class _Random(gymnasium.Env[Any, Any]):
    """Observations at random."""

    action_space = gymnasium.spaces.Discrete(3)

    def __init__(self, observation_space: Any) -> None:
        self.observation_space = observation_space

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        return self.observation_space.sample(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        return self.observation_space.sample(), 1.0, False, bool(self.np_random.random() < 0.2), {}


def test_subprocesses_and_native_environments_learn() -> None:
    env = make_vec_env("CartPole-v1", n_envs=2, vec_env_cls=sb3.SubprocVecEnv)
    try:
        assert PPO("MlpPolicy", env, **SMALL).learn(64).num_timesteps == 64
        assert env.get_attr("x_threshold", indices=0) == [2.4]
    finally:
        env.close()
    native = PPO("MlpPolicy", "pgrad/CartPole-v1", **SMALL).learn(64)
    assert native.get_env() == "pgrad/CartPole-v1"
    assert pgrad.evaluate(native, "pgrad/CartPole-v1", 3).mean >= 8


def test_an_agent_is_one_of_pgrad(tmp_path: Path) -> None:
    model = PPO("MlpPolicy", "CartPole-v1", **SMALL).learn(64)
    assert isinstance(model, pgrad.PPO)
    model.save(tmp_path / "model.zip")  # the content decides, not the name
    plain = pgrad.load(tmp_path / "model.zip")
    assert type(plain) is pgrad.PPO
    assert same_parameters(PPO.load(tmp_path / "model.zip"), plain)
    assert len(plain.history) == 2
    buffer = io.BytesIO()
    model.save(buffer)
    buffer.seek(0)
    assert same_parameters(PPO.load(buffer), model)
    assert model.observation_space.shape == PPO.load(tmp_path / "model.zip").observation_space.shape == (4,)
    assert (model.n_steps, model.gamma, model.device, model.action_space.n) == (32, 0.99, "cpu", 2)
    with pytest.raises(AttributeError, match="PPO has no attribute 'replay_buffer'"):
        _ = model.replay_buffer


def test_a_copy_keeps_its_schedules() -> None:
    model = PPO("MlpPolicy", "CartPole-v1", **SMALL, learning_rate=lambda remaining: 1e-3 * remaining).learn(64)
    other = copy.deepcopy(model)
    assert same_parameters(model, other)
    assert other.num_timesteps == 64
    other.set_env("CartPole-v1")
    other.learn(64)
    assert other.history["learning_rate"].tolist() == [5e-4, 0, 5e-4, 0]


def test_a_loaded_agent_goes_on_in_another_number_of_environments(tmp_path: Path) -> None:
    model = PPO("MlpPolicy", make_vec_env("CartPole-v1", n_envs=4), **SMALL).learn(256)
    model.save(tmp_path / "model")
    loaded = PPO.load(tmp_path / "model", env=make_vec_env("CartPole-v1", n_envs=2), learning_rate=1e-2, verbose=0)
    assert same_parameters(loaded, model)
    loaded.learn(64)
    assert (loaded.n_envs, loaded.num_timesteps, loaded.history[-1].learning_rate) == (2, 64, 1e-2)
    # Without other hyperparameters, the moments of the optimizer stay.
    env = make_vec_env("CartPole-v1", n_envs=2)
    for other in (PPO.load(tmp_path / "model", env=env), model.with_env(env), model.with_env("CartPole-v1", 2)):
        first, second = (agent_tensors(agent)["optimizer.first_moment"] for agent in (model, other))
        assert first.any()
        assert np.array_equal(first, second)
        assert (other.n_envs, other.get_env().num_envs) == (2, 2)
    with pytest.raises(ValueError, match="env has 2 environments; expected 4, the agent's n_envs"):
        model.set_env(make_vec_env("CartPole-v1", n_envs=2))
    with pytest.raises(ValueError, match="load has no argument 'buffer_size'"):
        PPO.load(tmp_path / "model", buffer_size=3)


class Identity(gymnasium.Env[Any, Any]):
    """The reward is 1 for the action that the observation names."""

    observation_space = gymnasium.spaces.Discrete(4)
    action_space = gymnasium.spaces.Discrete(4)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed)
        self._steps = 0
        return self._next(), {}

    def _next(self) -> int:
        self._state = int(self.np_random.integers(4))
        return self._state

    def step(self, action: Any) -> tuple[int, float, bool, bool, dict[str, Any]]:
        reward, self._steps = float(action == self._state), self._steps + 1
        return self._next(), reward, False, self._steps == 20, {}


def test_the_seed_is_also_that_of_all_that_environments_draw_from() -> None:
    env = Identity()
    PPO("MlpPolicy", env, **SMALL | {"seed": np.int64(1)})
    expected = gymnasium.spaces.Discrete(4, seed=SMALL["seed"])
    assert [env.action_space.sample() for _ in range(8)] == [expected.sample() for _ in range(8)]
    assert random.random() == random.Random(SMALL["seed"]).random()
    assert np.random.random() == np.random.RandomState(SMALL["seed"]).random_sample()
    PPO("MlpPolicy", env, **SMALL | {"seed": 2**64 - 1})  # more than NumPy takes


@pytest.mark.parametrize(
    ("kind", "options"),
    [(PPO, {"n_steps": 256}), (A2C, {}), (TRPO, {"n_steps": 256})],
    ids=["PPO", "A2C", "TRPO"],
)
def test_a_simple_environment_is_learned(kind: Any, options: dict[str, Any]) -> None:
    model = kind("MlpPolicy", make_vec_env(Identity, n_envs=2, seed=1), seed=1, gamma=0.5, **options)
    model.learn(6_000)
    assert evaluate_policy(model, Identity(), n_eval_episodes=5, reward_threshold=18)[1] < 3


def test_predictions_do_not_depend_on_the_batch() -> None:
    model = PPO("MlpPolicy", make_vec_env("Pendulum-v1", n_envs=3), **SMALL).learn(96)
    observations = model.get_env().reset()
    actions, _ = model.predict(observations, deterministic=True)
    assert actions.shape == (3, 1)
    for observation, action in zip(observations, actions, strict=True):
        assert np.array_equal(model.predict(observation, deterministic=True)[0], action)
    assert model.predict(observations)[0].shape == (3, 1)
    assert np.abs(model.predict(np.zeros((1_000, 3)))[0]).max() <= 2
    with pytest.raises(ValueError, match="observation has shape"):
        model.predict(np.zeros(4))


def test_a_file_of_stable_baselines3_names_the_extra_that_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    file = Path(__file__).with_name("reference") / "sb3" / "ppo_mlp.zip"
    with pytest.raises(ImportError, match=r"needs torch: pip install 'pgrad\[sb3\]'"):
        PPO.load(file)


def test_parameters_by_name() -> None:
    model, other = (PPO("MlpPolicy", "CartPole-v1", **SMALL | {"seed": seed}) for seed in (1, 2))
    parameters = model.get_parameters()
    assert not same_parameters(model, other)
    other.set_parameters(parameters)
    assert same_parameters(model, other)
    theirs, ours = "mlp_extractor.policy_net.0.bias", "policy.0.bias"
    parameters["policy"][theirs] += 1
    assert same_parameters(model, other)  # they are copies
    for value, name in ((3, theirs), (4, ours)):
        other.set_parameters({"policy": {name: np.full(8, value)}}, exact_match=False)
        assert (np.asarray(other.policy.state_dict()[theirs]) == value).all()
    for name, message in ((theirs, "the tensors lack 'mlp_extractor"), (ours, "state_dict lacks")):
        with pytest.raises(ValueError, match=message):
            other.set_parameters({"policy": {name: np.zeros(8)}})
    others: list[dict[str, Any]] = [{"actor": {}}, {**parameters, "actor": {}}]
    for wrong in others:
        with pytest.raises(ValueError, match="expected 'policy'"):
            other.set_parameters(wrong)
