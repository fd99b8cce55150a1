"""``evaluate_policy`` of Stable-Baselines3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._validation import function, real, switch
from pgrad.errors import InvalidArgumentError
from pgrad.evaluation import evaluate
from pgrad.sb3._envs import agent_env, has_monitors, is_stable_baselines_env, vec_env_of
from pgrad.sb3._masks import get_action_masks, is_masking_supported
from pgrad.sb3._monitor import Monitor
from pgrad.sb3._vec_env import VecEnv
from pgrad.sb3._vec_normalize import VecNormalize

if TYPE_CHECKING:
    from collections.abc import Callable


def evaluate_policy(
    model: Any,
    env: Any,
    n_eval_episodes: int = 10,
    deterministic: bool = True,
    render: bool = False,
    callback: Callable[[dict[str, Any], dict[str, Any]], Any] | None = None,
    reward_threshold: float | None = None,
    return_episode_rewards: bool = False,
    warn: bool = True,
    use_masking: bool = True,
) -> tuple[Any, Any]:
    """Run whole episodes; arguments as in Stable-Baselines3 and, for ``use_masking``, its Contrib.

    Where a `Monitor` gives the returns and lengths of episodes, they count: those of a `VecNormalize` are not
    normalised, and an episode of several lives is one. `pgrad.evaluate` takes other arguments and returns an object.

    Args:
        model: An agent or a `pgrad.Policy`.
        env: Any environment that the agents of this module accept.
        n_eval_episodes: Number of episodes, divided evenly among the environments.
        deterministic: Whether to take the most probable actions instead of sampling.
        render: Whether to render every step.
        callback: Called for each environment after each step with a dict, which has "model", "env", "i" (the number of
            the environment), "reward", "done", "info", "observations", "new_observations", "actions", "rewards",
            "dones", "infos", "states", "episode_rewards" and "episode_lengths", and with an empty dict.
        reward_threshold: Raises an error if the mean return is not above it.
        return_episode_rewards: Whether to return all episodes.
        warn: Ignored: without a monitor, returns are sums of the rewards that the environment gives.
        use_masking: Whether to use the masks of an environment that has them.

    Returns:
        The mean and the standard deviation of the returns; with ``return_episode_rewards``, the lists of the returns
        and of the lengths.

    Example:
        >>> from pgrad.sb3 import PPO, evaluate_policy
        >>> mean, deviation = evaluate_policy(PPO("MlpPolicy", "CartPole-v1"), "CartPole-v1", n_eval_episodes=2)
        >>> mean > 5
        True
    """
    if callback is not None:
        function("callback", callback, "a function of two dicts")
    render, masked = switch("render", render), switch("use_masking", use_masking)
    returns_all = switch("return_episode_rewards", return_episode_rewards)
    deterministic = switch("deterministic", deterministic)
    threshold = None if reward_threshold is None else real("reward_threshold", reward_threshold)
    if callback is None and not render and masked and _is_plain(env):
        found = evaluate(model, agent_env(env), n_eval_episodes, deterministic, seed=None)
        returns, lengths = found.returns.tolist(), found.lengths.tolist()
    else:
        returns, lengths = _play(model, vec_env_of(env), n_eval_episodes, deterministic, render, callback, masked)
    mean = float(np.mean(returns))
    if threshold is not None and not mean > threshold:
        raise AssertionError(f"the mean return is {mean:.2f}; expected more than {threshold:g}")
    return (returns, lengths) if returns_all else (mean, float(np.std(returns)))


def _is_plain(env: Any) -> bool:
    """Whether the rewards and ends that an environment gives are those of its episodes."""
    if is_stable_baselines_env(env) and not isinstance(env, VecEnv):
        return False
    if isinstance(env, VecNormalize):
        return False
    envs = getattr(env, "envs", ()) if isinstance(env, VecEnv) else ()
    return not isinstance(env, VecEnv) or not env._monitors or all(isinstance(one, Monitor) for one in envs)


def _play(
    model: Any, env: Any, episodes: int, deterministic: bool, render: bool, callback: Any, use_masking: bool
) -> tuple[list[float], list[int]]:
    """The returns and lengths of so many episodes."""
    if not hasattr(env, "num_envs") or not hasattr(model, "predict"):
        raise InvalidArgumentError(
            f"env is {env!r} and model is {type(model).__name__}; expected an agent and an environment of Gymnasium, "
            "for callback, render or use_masking=False"
        )
    count = env.num_envs
    shares = [(episodes + index) // count for index in range(count)]
    masked = use_masking and is_masking_supported(env)
    returns: list[float] = []
    lengths: list[int] = []
    sums, steps = np.zeros(count), np.zeros(count, np.int64)
    observations, states, starts = env.reset(), None, np.ones(count, np.bool_)
    while any(shares):
        masks = {"action_masks": get_action_masks(env)} if masked else {}
        actions, states = model.predict(
            observations, state=states, episode_start=starts, deterministic=deterministic, **masks
        )
        following, rewards, dones, infos = env.step(actions)
        sums += rewards
        steps += 1
        starts = dones
        for index in [index for index in range(count) if shares[index]]:
            if callback is not None:
                given = {"model": model, "env": env, "i": index, "reward": rewards[index], "done": dones[index]}
                given |= {"info": infos[index], "observations": observations, "new_observations": following}
                given |= {"actions": actions, "rewards": rewards, "dones": dones, "infos": infos, "states": states}
                callback(given | {"episode_rewards": returns, "episode_lengths": lengths}, {})
            if dones[index] and _ends(env, infos[index]):
                episode = infos[index].get("episode", {"r": sums[index], "l": steps[index]})
                returns.append(float(episode["r"]))
                lengths.append(int(episode["l"]))
                shares[index] -= 1
        sums[dones], steps[dones] = 0, 0
        observations = following
        if render:
            env.render()
    return returns, lengths


def _ends(env: Any, info: dict[str, Any]) -> bool:
    """Whether the environment's episode has ended, not only the life of its player."""
    if "episode" in info:
        return True
    return not (env._monitors if isinstance(env, VecEnv) else has_monitors(env))
