"""Evaluation of a policy over whole episodes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._actions import bounds
from pgrad._bindings import address, check, library
from pgrad._enumerations import AutoresetMode
from pgrad._envs.adapter import ArrayAdapter
from pgrad._envs.making import EnvLike, adapt_env
from pgrad._envs.step_results import at
from pgrad._html import html_table
from pgrad._multi_agent.adapter import MultiAgentAdapter
from pgrad._multi_agent.evaluating import play_episodes
from pgrad._multi_agent.players import PolicyPlayer
from pgrad._rows import rows_argument
from pgrad._validation import positive, seed_number, switch
from pgrad.agents import Agent
from pgrad.errors import InvalidArgumentError
from pgrad.mdp import MDP
from pgrad.multi_agent import MultiAgent
from pgrad.policy import require_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from pgrad._multi_agent.play import Episode
    from pgrad.policy import Policy
    from pgrad.types import FloatArray

_NATIVE_ENVS = 100
_LONGEST_EPISODE = 1_000_000
"""An episode that is longer than this is treated as endless."""


@dataclass(frozen=True)
class Evaluation:
    """Returns and lengths of whole episodes.

    Attributes:
        returns: Undiscounted return of each episode. With several agents: one for each agent of each episode.
        lengths: Steps of each episode, or of each agent in each episode.
        by_agent: With several agents, the evaluation of each; otherwise empty.
    """

    returns: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int64]
    by_agent: dict[Any, Evaluation] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """Mean return."""
        return float(self.returns.mean())

    @property
    def std(self) -> float:
        """Standard deviation of the returns."""
        return float(self.returns.std())

    def __repr__(self) -> str:
        return f"Evaluation(mean={self.mean:.2f}, std={self.std:.2f}, episodes={len(self.returns)})"

    def _repr_html_(self) -> str:
        """What a notebook shows: means, deviations and extremes."""
        columns = [("return", self.returns), ("length", self.lengths)]
        rows = [(name, *map(float, (c.mean(), c.std(), c.min(), c.max()))) for name, c in columns]
        return html_table(rows, ("", "mean", "std", "min", "max"), f"Evaluation: {len(self.returns)} episodes")


def evaluate(
    agent: Agent | Policy | MultiAgent,
    env: EnvLike,
    n_eval_episodes: int = 100,
    deterministic: bool = True,
    seed: int | None = 0,
) -> Evaluation:
    """Run whole episodes and report their returns and lengths.

    Each environment runs a fixed share of the episodes. Taking the first episodes to end would favour short ones. A
    policy with a memory starts each episode with a state of zeros. In an environment of PettingZoo the policy plays all
    agents, and a `MultiAgent` plays its roles.

    Args:
        agent: An agent, a `MultiAgent` or a `Policy`.
        env: Any environment that agents accept. For the name of a native environment, or an MDP, up to 100
            environments are created; otherwise one.
        n_eval_episodes: Number of episodes, at least 1.
        deterministic: Whether to take the most probable actions instead of sampling.
        seed: Seed of the first environment; each further one adds 1. None keeps the environments' seeds.

    Returns:
        The return and length of every episode, with their mean and deviation.

    Raises:
        InvalidArgumentError: The environment does not fit the policy, or an episode does not end in a million steps.

    Example:
        >>> policy = pgrad.Policy(4, pgrad.Categorical(2))
        >>> pgrad.evaluate(policy, "pgrad/CartPole-v1", n_eval_episodes=5).returns.shape
        (5,)
    """
    episodes = positive("n_eval_episodes", n_eval_episodes)
    seed = None if seed is None else seed_number(seed)
    deterministic = switch("deterministic", deterministic)
    if isinstance(agent, MultiAgent):
        return _of_agents(*agent._evaluate(env, episodes, deterministic, seed))
    policy = agent.policy if isinstance(agent, Agent) else require_policy(agent)
    native = isinstance(env, MDP) or (isinstance(env, str) and env.startswith("pgrad/"))
    adapter = adapt_env(env, min(episodes, _NATIVE_ENVS) if native else None)
    try:
        adapter.fit(policy.observation_parts, policy.action_space)
        if isinstance(adapter, MultiAgentAdapter):
            adapter.reset(seed)
            player = PolicyPlayer(policy, adapter.spaces, adapter.n_envs, deterministic)
            seat = partial(adapter.seating, player)
            return _of_agents(adapter.envs[0].agents, play_episodes(adapter.envs, seat, episodes, seed))
        assert isinstance(adapter, ArrayAdapter)
        return _run(policy, adapter, episodes, deterministic, seed)
    finally:
        adapter.close()


def _of_agents(agents: Sequence[Any], episodes: Sequence[Episode]) -> Evaluation:
    """The evaluation of several agents."""
    returns = np.asarray([episode.returns for episode in episodes])
    lengths = np.asarray([episode.lengths for episode in episodes])
    own = {agent: Evaluation(returns[:, seat], lengths[:, seat]) for seat, agent in enumerate(agents)}
    return Evaluation(returns.ravel(), lengths.ravel(), own)


def _run(policy: Policy, adapter: ArrayAdapter, episodes: int, deterministic: bool, seed: int | None) -> Evaluation:
    share = [(episodes + index) // adapter.n_envs for index in range(adapter.n_envs)]
    returns: list[float] = []
    lengths: list[int] = []
    running_return = np.zeros(adapter.n_envs)
    running_length = np.zeros(adapter.n_envs, np.int64)
    ended = np.zeros(adapter.n_envs, np.bool_)
    states = np.zeros((adapter.n_envs, policy.state_size), np.float32)
    starts = np.zeros(adapter.n_envs, np.bool_)
    adapter.reset(seed)
    act = _act(policy, adapter, deterministic, states, starts)
    steps = count()
    while len(returns) < episodes:
        step = next(steps)
        if (step + 1) % _LONGEST_EPISODE == 0:
            _check_ends((running_length >= _LONGEST_EPISODE - 1) & (np.asarray(share) > 0))
        try:
            act()
        except InvalidArgumentError as refusal:
            raise _located(adapter.name, step, refusal) from None
        adapter.step()
        running_return += adapter.rewards
        running_length += 1
        if adapter.autoreset_mode is AutoresetMode.AUTORESET_NEXT_STEP:
            running_length[ended] = 0  # this step only started the next episode
            running_return[ended] = 0.0
            starts[:] = ended
        ended = (adapter.terminated | adapter.truncated).astype(np.bool_)
        if adapter.autoreset_mode is AutoresetMode.AUTORESET_SAME_STEP:
            starts[:] = ended
        if not ended.any():
            continue
        for index in np.flatnonzero(ended):
            if share[index] > 0:
                share[index] -= 1
                returns.append(float(running_return[index]))
                lengths.append(int(running_length[index]))
        running_return[ended] = 0.0
        running_length[ended] = 0
    return Evaluation(np.asarray(returns), np.asarray(lengths))


def _located(name: str, step: int, refusal: InvalidArgumentError) -> InvalidArgumentError:
    """The same error about a row, such as ``masks[1]``, with the names of its environment and step."""
    row = re.match(r"\w+\[(\d+)", refusal.message)
    place = f" (environment {row[1]}, step {step})" if row else ""
    return at(name, InvalidArgumentError(refusal.message + place, refusal.status))


def _check_ends(endless: npt.NDArray[np.bool_]) -> None:
    """Refuse an environment whose episodes do not end."""
    if endless.any():
        raise InvalidArgumentError(
            f"environment {endless.argmax()} has ended no episode in {_LONGEST_EPISODE:,} steps; use one with a time "
            "limit, such as gymnasium.make(id, max_episode_steps=1000), or sample actions with deterministic=False"
        )


def _act(
    policy: Policy, adapter: ArrayAdapter, deterministic: bool, states: FloatArray, starts: npt.NDArray[np.bool_]
) -> Callable[[], None]:
    """A function that writes the policy's actions for the adapter's observations into the adapter.

    Args:
        policy: The policy.
        adapter: The environments.
        deterministic: Whether to take the most probable actions.
        states: (n_envs, state_size), which each call replaces; the caller keeps them alive.
        starts: (n_envs,), True where the state is set to 0 first; the caller keeps them alive.
    """
    handle, observations, actions = policy._handle, adapter.observations, adapter.actions
    adapter.check_arrays(adapter.n_envs, handle.sizes.observation_size, handle.sizes.columns)
    masks = adapter.masks if adapter.masked else None
    rows = rows_argument(observations, masks, len(actions), 1, states, states, starts)
    if deterministic:
        choose = partial(library.pgrad_policy_mode_rows, handle.value, rows, address(actions))
    else:
        choose = partial(library.pgrad_policy_sample_rows, handle.value, rows, address(actions), None)
    limits = bounds(adapter.action_space)

    def act() -> None:
        check(choose())
        if limits is not None:
            np.clip(actions, *limits, out=actions)

    return act
