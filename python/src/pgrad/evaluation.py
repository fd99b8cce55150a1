"""How good a policy is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pgrad._actions import bounds
from pgrad._bindings import address, check, library
from pgrad._numbers import positive
from pgrad._structures import AutoresetMode
from pgrad._worlds import EnvLike, world_of
from pgrad.agents import Agent
from pgrad.errors import InvalidArgumentError
from pgrad.mdp import MDP
from pgrad.policy import the_policy

if TYPE_CHECKING:
    import numpy.typing as npt

    from pgrad._worlds import World
    from pgrad.policy import Policy

_NATIVE_ENVS = 100


@dataclass(frozen=True)
class Evaluation:
    """What a number of whole episodes came to.

    Attributes:
        returns: Undiscounted return of each episode.
        lengths: Steps of each episode.
    """

    returns: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int64]

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


def evaluate(
    agent: Agent | Policy,
    env: EnvLike,
    n_eval_episodes: int = 100,
    deterministic: bool = True,
    seed: int | None = 0,
) -> Evaluation:
    """Run whole episodes and tell what they returned.

    Of several environments each runs its share of the episodes, decided beforehand: taking the first that end would
    favour short ones.

    Args:
        agent: Or a `Policy`.
        env: What agents take. Of a native one named by a string, or an MDP, up to 100 are made, one of any other.
        n_eval_episodes: How many.
        deterministic: The most probable actions instead of draws.
        seed: Of the first environment, the next ones counting up from it; None to leave their seeds alone.

    Example:
        >>> policy = pgrad.Policy(4, pgrad.Categorical(2))
        >>> pgrad.evaluate(policy, "pgrad/CartPole-v1", n_eval_episodes=5).returns.shape
        (5,)
    """
    episodes = positive("n_eval_episodes", n_eval_episodes)
    policy = agent.policy if isinstance(agent, Agent) else the_policy(agent)
    native = isinstance(env, MDP) or (isinstance(env, str) and env.startswith("pgrad/"))
    world = world_of(env, min(episodes, _NATIVE_ENVS) if native else None)
    if isinstance(agent, Agent):
        agent._disturbed(env)
    try:
        _check_fit(policy, world)
        return _run(policy, world, episodes, deterministic, seed)
    finally:
        world.close()


def _run(policy: Policy, world: World, episodes: int, deterministic: bool, seed: int | None) -> Evaluation:
    act = _act(policy, world, deterministic)
    share = [(episodes + index) // world.n_envs for index in range(world.n_envs)]
    returns: list[float] = []
    lengths: list[int] = []
    running_return = np.zeros(world.n_envs)
    running_length = np.zeros(world.n_envs, np.int64)
    ended = np.zeros(world.n_envs, np.bool_)
    world.reset(seed)
    while len(returns) < episodes:
        act()
        world.step()
        running_return += world.rewards
        running_length += 1
        if world.autoreset_mode is AutoresetMode.AUTORESET_NEXT_STEP:
            running_length[ended] = 0  # that step only started the next episode
            running_return[ended] = 0.0
        ended = (world.terminated | world.truncated).astype(np.bool_)
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


def _act(policy: Policy, world: World, deterministic: bool) -> partial[None]:
    """Writes the policy's actions for the world's observations into the world."""
    arguments = policy._handle.value, address(world.observations), world.n_envs, address(world.actions)
    if deterministic:
        choose = partial(library.pgrad_policy_mode, *arguments)
    else:
        choose = partial(library.pgrad_policy_sample, *arguments, None)
    limits = bounds(world.action_space)

    def act() -> None:
        check(choose())
        if limits is not None:
            np.clip(world.actions, *limits, out=world.actions)

    return partial(act)


def _check_fit(policy: Policy, world: World) -> None:
    if policy.observation_size != world.observation_size:
        raise InvalidArgumentError(
            f"env has observations of {world.observation_size} numbers; "
            f"expected {policy.observation_size}, as the policy takes"
        )
    if not policy.action_space.fits(world.action_space):
        raise InvalidArgumentError(
            f"env has actions {world.action_space}; expected what the policy gives, {policy.action_space}"
        )
