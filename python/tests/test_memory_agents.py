"""Agents whose policy remembers: learning, acting, evaluation and files."""

from __future__ import annotations

import pickle
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv
from typer.testing import CliRunner

import pgrad
from pgrad.agents._options import length_of_sequences
from pgrad.cli import app
from pgrad.presets import preset
from tests.helpers import BOX, Scripted, same_parameters

ALGORITHMS = (pgrad.A2C, pgrad.NPG, pgrad.PPO, pgrad.Reinforce, pgrad.SPO, pgrad.TRPO)
MEMORIES = ("gru", "lstm")
SMALL: dict[str, Any] = {"hidden_sizes": (8,), "memory_size": 8}


class Echo:
    """Worlds that show a cue, -1 or 1, at every step; the reward is 1 for naming the cue of two steps before."""

    def __init__(self, count: int, seed: int) -> None:
        self._draws = np.random.default_rng(seed)
        self._cues = self._draws.choice([-1.0, 1.0], (3, count))

    @property
    def observations(self) -> Any:
        return self._cues[-1][:, None]

    def step(self, actions: Any) -> Any:
        rewards = (actions == (self._cues[0] > 0)).astype(np.float32)
        self._cues = np.concatenate([self._cues[1:], self._draws.choice([-1.0, 1.0], (1, len(actions)))])
        return rewards


@pytest.mark.parametrize("memory", [None, *MEMORIES])
def test_only_a_policy_with_a_memory_names_the_cue_of_two_steps_before(memory: str | None) -> None:
    policy = pgrad.Policy(1, pgrad.Categorical(2), (8,), memory=memory, memory_size=16, seed=1)
    agent = pgrad.PPO(
        None, policy=policy, n_envs=16, n_steps=32, batch_size=128, n_epochs=4, learning_rate=1e-2, gamma=0.5, seed=1
    )
    worlds, none = Echo(16, seed=2), np.zeros(16, np.bool_)
    agent.begin(worlds.observations)
    rewards: list[float] = []
    for _ in range(40 * 32):
        rewards.append(reward := worlds.step(agent.act()))
        agent.observe(reward, none, none, worlds.observations)
    mean = np.mean(rewards[-128:])
    # Without a memory the cue is a fair coin; of 2048 tosses the mean is above 0.56 with probability 4e-8.
    assert mean < 0.56 if memory is None else mean > 0.95


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_learns_in_every_kind_of_environment(algorithm: type[Any], memory: str) -> None:
    makers = [lambda: gymnasium.make("CartPole-v1")] * 2
    options: dict[str, Any] = {"memory": memory, **SMALL}
    if algorithm is pgrad.Reinforce:
        options |= {"n_episodes": 2, "baseline": True}
    else:
        options |= {"n_steps": 16}
    if "batch_size" in algorithm.__init__.__annotations__:
        options["batch_size"] = 16
    for env in ("CartPole-v1", "pgrad/CartPole-v1", SyncVectorEnv(makers), AsyncVectorEnv(makers)):
        with algorithm(env, **options) as agent:
            before = agent.policy.parameters.copy()
            agent.learn(64)
            assert np.isfinite(agent.policy.parameters).all()
            assert (agent.policy.parameters != before).mean() > 0.5
        if not isinstance(env, str):
            env.close()


def remembering(memory: str, **options: Any) -> pgrad.Policy:
    """A policy for CartPole whose actions depend on its state."""
    policy = pgrad.Policy(4, pgrad.Categorical(2), (8,), memory=memory, memory_size=8, **options)
    draws = np.random.default_rng({"gru": 1, "lstm": 0}[memory])  # with other seeds the state changes few actions
    policy.parameters = draws.normal(0, 0.5, policy.parameter_count)
    return policy


def lengths_by_hand(policy: pgrad.Policy, seed: int, episodes: int, *, forget: bool) -> list[int]:
    """Lengths of the episodes of one environment, with or without a new state in each."""
    env, lengths, state = gymnasium.make("CartPole-v1"), [], None
    for episode in range(episodes):
        observation, _ = env.reset(seed=seed if episode == 0 else None)
        steps, ended = 0, False
        while not ended:
            action, state = policy.mode(observation, state=state, episode_start=forget and steps == 0)
            observation, _, terminated, truncated, _ = env.step(int(action))
            steps, ended = steps + 1, terminated or truncated
        lengths.append(steps)
    return lengths


@pytest.mark.parametrize("memory", MEMORIES)
def test_evaluation_forgets_at_the_start_of_every_episode(memory: str) -> None:
    policy, seeds, episodes = remembering(memory), range(5, 8), 6
    expected = sorted(n for seed in seeds for n in lengths_by_hand(policy, seed, episodes, forget=True))
    wrong = sorted(n for seed in seeds for n in lengths_by_hand(policy, seed, episodes, forget=False))
    assert wrong != expected
    makers = [partial(gymnasium.make, "CartPole-v1")] * 3
    envs: list[Any] = [SyncVectorEnv(makers, autoreset_mode=mode) for mode in AutoresetMode]
    for env in (*envs, [gymnasium.make("CartPole-v1") for _ in seeds]):
        found = pgrad.evaluate(policy, env, n_eval_episodes=3 * episodes, seed=5)
        assert sorted(found.lengths.tolist()) == expected


@pytest.mark.parametrize("memory", MEMORIES)
def test_predict_carries_the_state_as_in_stable_baselines3(memory: str) -> None:
    policy = remembering(memory)
    agent = pgrad.PPO("CartPole-v1", policy=policy)
    draws = np.random.default_rng(0)
    observations = draws.normal(size=(20, 3, 4)).astype(np.float32)
    starts = draws.random((20, 3)) < 0.3
    expected, final = policy.mode(observations, episode_start=starts)
    state = None
    for step, rows in enumerate(observations):
        actions, state = agent.predict(rows, state, starts[step], deterministic=True)
        assert actions.tolist() == expected[step].tolist()
    assert state is not None
    assert np.array_equal(state, final)
    action, one = agent.predict(observations[0, 0], state[0], False, True, [1, 0])
    assert action == 0
    assert one is not None
    assert np.array_equal(one, policy.mode(observations[0, 0], state=state[0])[1])
    assert pgrad.PPO("CartPole-v1").predict(observations[0], None, [True] * 3)[1] is None
    with pytest.raises(ValueError, match=r"state has shape \(3,\); expected \(3, "):
        agent.predict(observations[0], np.zeros(3))
    with pytest.raises(ValueError, match=r"episode_start has shape \(3,\); expected \(\)"):
        agent.predict(observations[0, 0], None, starts[0])
    with pytest.raises(ValueError, match=r"state has shape \(3, 1\); expected None"):
        pgrad.PPO("CartPole-v1").predict(observations[0], np.zeros((3, 1)))


def run(agent: pgrad.PPO, world: Echo, steps: int) -> None:
    for _ in range(steps):
        none = np.zeros(agent.n_envs, np.bool_)
        agent.observe(world.step(agent.act()), none, none, world.observations)


@pytest.mark.parametrize("memory", MEMORIES)
def test_a_saved_agent_resumes_with_its_states(memory: str, tmp_path: Path) -> None:
    policy = pgrad.Policy(1, pgrad.Categorical(2), (8,), memory=memory, memory_size=8)
    agent = pgrad.PPO(None, policy=policy, n_envs=2, n_steps=16, batch_size=16, sequence_length=8)
    world = Echo(2, seed=3)
    agent.begin(world.observations)
    run(agent, world, 32)
    agent.save(tmp_path / "agent")
    copies = [pgrad.PPO.load(tmp_path / "agent"), pickle.loads(pickle.dumps(agent))]
    states = pickle.dumps(world)
    run(agent, world, 32)
    assert agent.statistics.updates == 4
    for again in copies:
        assert again.policy.memory == memory
        run(again, pickle.loads(states), 32)
        assert same_parameters(again, agent)


def test_the_length_of_sequences_suits_the_rollout() -> None:
    expected = {2048: 128, 128: 128, 192: 96, 100: 100, 5: 5, 509: 509, 1000: 125}
    assert {steps: length_of_sequences(None, steps, "gru", pgrad.PPO.algorithm) for steps in expected} == expected
    assert length_of_sequences(8, 2048, "gru", pgrad.PPO.algorithm) == 8
    assert length_of_sequences(None, 2048, None, pgrad.PPO.algorithm) is None
    assert length_of_sequences(None, None, "gru", pgrad.PPO.algorithm) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sequence_length": 3, "memory": "gru"}, "sequence_length is 3; it must divide n_steps, which is 2048$"),
        ({"sequence_length": 8}, "sequence_length is 8; it must be None for a policy without memory"),
        ({"sequence_length": 0, "memory": "gru"}, "sequence_length is 0; expected a number above 0, or None"),
        ({"memory": "rnn"}, "memory is 'rnn'; expected 'gru', 'lstm' or None"),
        ({"policy": pgrad.Policy(4, pgrad.Categorical(2)), "memory": "gru"}, "memory is 'gru'; expected None, because"),
        (
            {"policy": pgrad.Policy(4, pgrad.Categorical(2)), "memory_size": 64},
            "memory_size is 64; expected 128, because a policy was given",
        ),
    ],
)
def test_bad_memories_of_agents_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pgrad.PPO("pgrad/CartPole-v1", **options)


def test_masked_environments_and_hybrid_actions_work_with_a_memory() -> None:
    spaces = gymnasium.spaces
    hybrid = spaces.Dict({"kind": spaces.Discrete(3), "force": spaces.Box(-1, 1, (2,), np.float32)})
    observed = spaces.Dict({"x": BOX, "action_mask": spaces.MultiBinary(3)})

    class Masked(Scripted):
        def reset(self, **options: Any) -> Any:
            observation, info = super().reset(**options)
            return observation | {"action_mask": np.array([1, 0, 1], np.int8)}, info

        def step(self, action: Any) -> Any:
            assert action["kind"] != 1
            observation, *rest = super().step(action)
            return observation | {"action_mask": np.array([1, 0, 1], np.int8)}, *rest

    env = Masked(observed, hybrid, truncates=True)
    agent = pgrad.PPO(env, memory="gru", n_steps=32, batch_size=32, **SMALL).learn(64)
    assert {action["kind"] for action in env.actions} == {0, 2}
    assert pgrad.evaluate(agent, env, 3).lengths.tolist() == [5, 5, 5]


@pytest.mark.parametrize("memory", MEMORIES)
def test_every_preset_makes_an_agent_with_a_memory(memory: str) -> None:
    for algorithm, name in (("ppo", "pgrad"), ("ppo", "sb3"), ("ppo", "cleanrl"), ("a2c", "pgrad"), ("trpo", "pgrad")):
        make = {"ppo": pgrad.PPO, "a2c": pgrad.A2C, "trpo": pgrad.TRPO}[algorithm]
        for env in ("pgrad/CartPole-v1", "pgrad/Pendulum-v1"):
            with make(env, **preset(algorithm, env, name, memory)) as agent:
                assert agent.policy.memory == memory
    assert preset("ppo", "CartPole-v1", "sb3", memory)["n_steps"] == 128


def test_the_commands_train_and_evaluate_an_agent_with_a_memory(tmp_path: Path) -> None:
    file = str(tmp_path / "agent.safetensors")
    options = ["--memory", "gru", "--timesteps", "64", "--n-envs", "1", "--eval-episodes", "2", "--save", file]
    result = CliRunner().invoke(app, ["train", "pgrad/CartPole-v1", *options])
    assert result.exit_code == 0, result.output
    assert pgrad.load(file).policy.memory == "gru"
    result = CliRunner().invoke(app, ["evaluate", file, "CartPole-v1", "--episodes", "2"])
    assert result.exit_code == 0, result.output
    bad = CliRunner().invoke(app, ["train", "pgrad/CartPole-v1", "--memory", "rnn"])
    assert bad.exit_code == 2
    assert "memory is 'rnn'; expected 'gru', 'lstm' or None" in bad.output


def test_reinforce_may_cut_the_trajectories_of_a_policy_with_a_memory() -> None:
    agent = pgrad.Reinforce("pgrad/CartPole-v1", n_steps=6, n_episodes=2, memory="gru", memory_size=4).learn(10)
    assert agent.statistics.updates >= 1
    assert agent.hyperparameters["sequence_length"] is None
