"""PPO on CartPole-v1 with Stable-Baselines3's default hyperparameters: timesteps per second, one thread, beside it.

Both libraries run in turn in this process, so that a machine that slows down slows both; medians and ratios count.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

import gymnasium
import stable_baselines3
import torch

import pgrad

if TYPE_CHECKING:
    from collections.abc import Callable


def rate(learn: Callable[[], object], timesteps: int) -> float:
    """Timesteps per second of one training."""
    start = time.perf_counter()
    learn()
    return timesteps / (time.perf_counter() - start)


def pgrad_rate(env: str, timesteps: int) -> float:
    """Of pgrad, whose defaults are Stable-Baselines3's."""
    agent = pgrad.PPO(env, seed=1)
    return rate(lambda: agent.learn(timesteps), timesteps)


def sb3_rate(timesteps: int) -> float:
    """Of Stable-Baselines3, in an environment as bare as pgrad's."""
    model = stable_baselines3.PPO("MlpPolicy", gymnasium.make("CartPole-v1"), device="cpu", seed=1)
    return rate(lambda: model.learn(timesteps), timesteps)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)

    rates: dict[str, list[float]] = {"Stable-Baselines3": [], "pgrad, native environment": [], "pgrad, Gymnasium": []}
    for _ in range(rounds):
        rates["Stable-Baselines3"].append(sb3_rate(4_096))
        rates["pgrad, native environment"].append(pgrad_rate("pgrad/CartPole-v1", 40_960))
        rates["pgrad, Gymnasium"].append(pgrad_rate("CartPole-v1", 40_960))

    base = rates["Stable-Baselines3"]
    print("| PPO on CartPole-v1, one thread | timesteps/s (median) | ratio (median of pairs) |")
    print("|---|---|---|")
    for name, values in rates.items():
        ratio = statistics.median(ours / theirs for ours, theirs in zip(values, base, strict=True))
        print(f"| {name} | {statistics.median(values):,.0f} | {ratio:.1f} |")


if __name__ == "__main__":
    main()
