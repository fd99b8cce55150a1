"""``evaluate_policy`` of Stable-Baselines3."""

from __future__ import annotations

from typing import Any

from pgrad.errors import InvalidArgumentError
from pgrad.evaluation import evaluate
from pgrad.sb3._callbacks import check_render
from pgrad.sb3._envs import agent_env


def evaluate_policy(
    model: Any,
    env: Any,
    n_eval_episodes: int = 10,
    deterministic: bool = True,
    render: bool = False,
    callback: None = None,
    reward_threshold: float | None = None,
    return_episode_rewards: bool = False,
    warn: bool = True,
    use_masking: bool = True,
) -> tuple[Any, Any]:
    """Run whole episodes; arguments as in Stable-Baselines3 and, for ``use_masking``, its Contrib.

    `pgrad.evaluate` takes other arguments and returns an object.

    Args:
        model: An agent or a `pgrad.Policy`.
        env: Any environment that the agents of this module accept. Masks are used where it has them.
        n_eval_episodes: Number of episodes, divided evenly among the environments.
        deterministic: Whether to take the most probable actions instead of sampling.
        render: Only False.
        callback: Only None.
        reward_threshold: Raises an error if the mean return is not above it.
        return_episode_rewards: Whether to return all episodes.
        warn: Ignored: returns are those of the environment, which needs no monitor.
        use_masking: Only True.

    Returns:
        The mean and the standard deviation of the returns; with ``return_episode_rewards``, the lists of the returns
        and of the lengths.

    Example:
        >>> from pgrad.sb3 import PPO, evaluate_policy
        >>> mean, deviation = evaluate_policy(PPO("MlpPolicy", "CartPole-v1"), "CartPole-v1", n_eval_episodes=2)
        >>> mean > 5
        True
    """
    check_render(render)
    if callback is not None:
        raise InvalidArgumentError(f"callback is {callback!r}; expected None: use model.predict in a loop of your own")
    if not use_masking:
        raise InvalidArgumentError("use_masking is False; expected True, or an environment without action_masks()")
    found = evaluate(model, agent_env(env), n_eval_episodes, deterministic, seed=None)
    if reward_threshold is not None and not found.mean > reward_threshold:
        raise AssertionError(f"the mean return is {found.mean:.2f}; expected more than {reward_threshold:g}")
    if return_episode_rewards:
        return found.returns.tolist(), found.lengths.tolist()
    return found.mean, found.std
