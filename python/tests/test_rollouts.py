"""Learning from a rollout in arrays, however it was gathered."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest

import pgrad

STEPS, ENVS, SIZE = 12, 4, 3
AGENTS = [pgrad.Reinforce, pgrad.A2C, pgrad.PPO, pgrad.NPG, pgrad.TRPO, pgrad.SPO]
HYBRID = pgrad.Hybrid(pgrad.Categorical(3), pgrad.Gaussian(2))


def new_agent(kind: Any, memory: str | None = None, space: Any = HYBRID, **options: Any) -> Any:
    policy = pgrad.Policy(SIZE, space, hidden_sizes=(6,), memory=memory, memory_size=5 if memory else 64, seed=2)
    if kind is pgrad.Reinforce:
        options = {"n_episodes": 2} | options
    else:
        options = {"n_steps": STEPS} | options
        if kind is not pgrad.A2C:
            options = {"batch_size": STEPS * ENVS // 2} | options
    return kind(None, policy=policy, n_envs=ENVS, seed=3, **options)


def gather(agent: Any, masked: bool = True) -> pgrad.Rollout:
    """Act in the agent's own loop until it learns, and return what the loop has seen."""
    random = np.random.default_rng(7)
    observations = [random.normal(2, 3, (ENVS, SIZE)).astype(np.float32)]
    columns: dict[str, list[Any]] = {
        name: [] for name in ("actions", "rewards", "terminated", "truncated", "final_observations", "masks")
    }
    agent.begin(observations[0])
    while not agent.history:
        masks = random.random((ENVS, agent.policy.mask_size)) < 0.7
        masks[:, 0] = True
        actions = agent.act(masks if masked else None)
        ends = random.random((2, ENVS)) < 0.15
        result = [actions[:, 1] - actions[:, 0], *ends]
        final = random.normal(size=(ENVS, SIZE))
        observations.append(random.normal(2, 3, (ENVS, SIZE)).astype(np.float32))
        agent.observe(*result, observations[-1], final)
        for column, value in zip(columns.values(), [actions, *result, final, masks], strict=True):
            column.append(value)
    if not masked:
        columns.pop("masks")
    arrays: dict[str, Any] = {name: np.array(values) for name, values in columns.items()}
    return pgrad.Rollout(np.array(observations), **arrays)


@pytest.mark.parametrize("memory", [None, "gru", "lstm"])
@pytest.mark.parametrize("kind", AGENTS)
def test_arrays_teach_the_bits_that_the_loop_taught(kind: Any, memory: str | None) -> None:
    actor, learner = new_agent(kind, memory), new_agent(kind, memory)
    rollout = gather(actor)
    assert learner.learn_from(rollout) is learner
    assert np.array_equal(actor.policy.parameters, learner.policy.parameters)
    (one,), (other,) = actor.history, learner.history
    assert (one.updates, one.timesteps, one.policy_loss) == (other.updates, other.timesteps, other.policy_loss)


def test_normalisers_learn_too() -> None:
    options: Any = {"normalize_observations": True, "normalize_rewards": True}
    actor, learner = new_agent(pgrad.PPO, **options), new_agent(pgrad.PPO, **options)
    learner.learn_from(gather(actor, masked=False))
    assert np.array_equal(actor.policy.parameters, learner.policy.parameters)
    moments = [agent.policy.observation_moments for agent in (actor, learner)]
    assert np.array_equal(moments[0].mean, moments[1].mean)
    assert moments[0].count == moments[1].count > 0


def test_another_policy_may_have_acted() -> None:
    """Its log-probabilities make the ratios; equal ones give a first ratio of exactly 1."""
    options: Any = {"n_epochs": 1, "batch_size": STEPS * ENVS}
    random = np.random.default_rng(5)
    observations = random.normal(size=(STEPS + 1, ENVS, SIZE)).astype(np.float32)
    flags = np.zeros((STEPS, ENVS), bool)
    for seed, moved in ((2, False), (9, True)):
        learner = new_agent(pgrad.PPO, **options)
        other = pgrad.Policy(SIZE, HYBRID, hidden_sizes=(6,), seed=seed)
        actions, log_probs = other.sample(observations[:-1].reshape(-1, SIZE))
        shaped = actions.reshape(STEPS, ENVS, 3)
        rewards = random.normal(size=(STEPS, ENVS))
        rollout = pgrad.Rollout(observations, shaped, rewards, flags, flags, log_probs=log_probs.reshape(STEPS, ENVS))
        learner.learn_from(rollout)
        assert (learner.history[0].approx_kl > 0) == moved
        if not moved:
            assert learner.history[0].approx_kl == 0


def test_observations_may_be_those_of_a_gymnasium_space() -> None:
    spaces: Any = {
        "observation_space": gymnasium.spaces.Discrete(SIZE),
        "action_space": gymnasium.spaces.Discrete(2),
        "n_envs": 2,
        "n_steps": 2,
        "batch_size": 4,
        "seed": 1,
    }
    agents = [pgrad.PPO(None, **spaces) for _ in range(2)]
    choices = np.array([[0, 1], [2, 0], [1, 1]])
    truncated = [[False, True], [False, False]]
    rest: Any = {
        "actions": [[1, 0], [1, 1]],
        "rewards": [[1.0, 0.0], [0.5, 2.0]],
        "terminated": np.zeros((2, 2)),
        "truncated": truncated,
    }
    final = np.array([[99, 2], [99, 99]])  # 99 is no observation, and not read
    agents[0].learn_from(pgrad.Rollout(choices, final_observations=final, **rest))
    one_hot = np.eye(SIZE)
    agents[1].learn_from(pgrad.Rollout(one_hot[choices], final_observations=one_hot[np.minimum(final, 2)], **rest))
    assert np.array_equal(agents[0].policy.parameters, agents[1].policy.parameters)


def arrays(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "observations": np.zeros((STEPS + 1, ENVS, SIZE)),
        "actions": np.zeros((STEPS, ENVS, 3)),
        "rewards": np.zeros((STEPS, ENVS)),
        "terminated": np.zeros((STEPS, ENVS), bool),
        "truncated": np.zeros((STEPS, ENVS), bool),
    }
    return given | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rewards": np.zeros(3)}, r"rewards has shape \(3,\); expected \(n_steps, n_envs\)"),
        ({"rewards": [["a"]]}, "rewards has dtype"),
        ({"observations": np.zeros((STEPS, ENVS, SIZE))}, r"observations has shape \(12, 4, 3\); expected \(13, 4, "),
        ({"terminated": np.zeros((STEPS, 1))}, r"terminated has shape \(12, 1\); expected \(12, 4\)"),
        ({"truncated": np.full((STEPS, ENVS), 2)}, "truncated holds 2"),
        ({"actions": None}, "actions is None, as is draws"),
        ({"draws": np.zeros((STEPS, ENVS, 3))}, "actions is given with draws"),
        ({"actions": np.zeros((1, ENVS, 3))}, r"actions has shape \(1, 4, 3\)"),
        ({"final_observations": np.zeros((STEPS, ENVS, 1))}, r"final_observations has shape .* expected \(12, 4, 3\)"),
        ({"masks": np.ones((STEPS, ENVS))}, r"masks has shape \(12, 4\)"),
        ({"states": np.zeros(ENVS)}, r"states has shape \(4,\)"),
        ({"episode_starts": np.zeros((STEPS, ENVS))}, r"episode_starts has shape \(12, 4\); expected \(4,\)"),
        ({"active": np.zeros((ENVS, STEPS))}, r"active has shape \(4, 12\)"),
        ({"log_probs": np.zeros(ENVS)}, r"log_probs has shape \(4,\)"),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(pgrad.InvalidArgumentError, match=message):
        pgrad.Rollout(**arrays(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"observations": np.zeros((STEPS + 1, ENVS))}, r"observations has shape \(52,\); expected \(52, 3\)"),
        ({"observations": np.zeros((STEPS + 1, ENVS, 5))}, r"observations has shape \(52, 5\); expected \(52, 3\)"),
        ({"actions": np.zeros((STEPS, ENVS))}, r"actions has shape \(12, 4\); expected \(12, 4, 3\)"),
        ({"actions": np.full((STEPS, ENVS, 3), 7)}, r"actions\[0, 0\] is 7.*step 0 of the rollout"),
        ({"masks": np.ones((STEPS, ENVS, 2))}, r"masks has shape \(12, 4, 2\); expected \(12, 4, 3\)"),
        ({"states": np.zeros((ENVS, 5))}, r"states has shape \(4, 5\); expected None, because"),
        ({"rewards": np.full((STEPS, ENVS), np.nan)}, r"rewards\[0\] is nan"),
        ({"truncated": np.ones((STEPS, ENVS))}, r"final_observations is None, but truncated\[0\] is 1"),
    ],
)
def test_arrays_that_do_not_fit_the_agent_are_refused(changes: dict[str, Any], message: str) -> None:
    agent = new_agent(pgrad.PPO)
    before = agent.policy.parameters.copy()
    with pytest.raises(pgrad.InvalidArgumentError, match=message):
        agent.learn_from(pgrad.Rollout(**arrays(**changes)))
    assert np.array_equal(agent.policy.parameters, before)
    assert not agent.history


def test_only_a_rollout_is_learned_from() -> None:
    with pytest.raises(pgrad.InvalidArgumentError, match="rollout is {}; expected a pgrad.Rollout"):
        new_agent(pgrad.PPO).learn_from({})


def test_the_number_of_environments_is_the_agents() -> None:
    one = {name: value[:, :1] for name, value in arrays().items()}
    with pytest.raises(pgrad.InvalidArgumentError, match="the rollout has 1 environments; expected 4"):
        new_agent(pgrad.PPO).learn_from(pgrad.Rollout(**one))


def test_a_rollout_is_frozen() -> None:
    rollout = pgrad.Rollout(**arrays())
    assert (rollout.n_steps, rollout.n_envs, str(rollout.rewards.dtype)) == (STEPS, ENVS, "float32")
    with pytest.raises(AttributeError):
        rollout.rewards = rollout.rewards  # type: ignore[misc]


def test_a_rollout_shows_its_shapes() -> None:
    rollout = pgrad.PPO("pgrad/CartPole-v1", n_envs=2, n_steps=64, batch_size=64).gather(8)
    shown = repr(rollout)
    assert shown.startswith("Rollout(observations=9×2×4, rewards=8×2, ")
    assert len(shown) < 200
    assert "<b>Rollout: 8 × 2 steps</b>" in rollout._repr_html_()
