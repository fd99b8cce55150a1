"""Published results by environment; mean ± standard deviation over seeds unless noted."""

from __future__ import annotations

from typing import Final, NamedTuple


class Figure(NamedTuple):
    """A published result."""

    what: str
    result: str
    source: str


_CLEANRL = "CleanRL, docs.cleanrl.dev: last training episodes, 3 seeds"
_ZOO = "RL Baselines3 Zoo, benchmark.md: one run, deterministic"
_ZOO_ATARI = "RL Baselines3 Zoo, benchmark.md: PongNoFrameskip-v4, one run, sampled actions"
_TIANSHOU = "Tianshou, examples/mujoco: 10 seeds, largest average return, v3"

FIGURES: Final[dict[str, tuple[Figure, ...]]] = {
    "AtariPong-v5": (
        Figure("PPO, 10M", "21.0", _ZOO_ATARI),
        Figure("A2C, 10M", "17.3", _ZOO_ATARI),
    ),
    "CartPoleNoVel-v1": (Figure("PPO, LSTM, 100k", "500", _ZOO),),
    "PendulumNoVel-v1": (Figure("PPO, LSTM, 100k", "-217.9", _ZOO),),
    "CartPole-v1": (
        Figure("PPO, 500k", "490 ± 6", _CLEANRL),
        Figure("PPO, 100k", "500", _ZOO),
        Figure("A2C, 500k", "500", _ZOO),
        Figure("TRPO, 100k", "500", _ZOO),
    ),
    "Acrobot-v1": (
        Figure("PPO, 500k", "-86.4 ± 1.3", _CLEANRL),
        Figure("PPO, 1M", "-73.5", _ZOO),
        Figure("TRPO, 100k", "-83", _ZOO),
    ),
    "MountainCar-v0": (
        Figure("PPO, 500k", "-200", _CLEANRL),
        Figure("PPO, 1M", "-110.4", _ZOO),
        Figure("TRPO, 100k", "-107.3", _ZOO),
    ),
    "Pendulum-v1": (
        Figure("PPO, 100k", "-172", _ZOO),
        Figure("TRPO, 100k", "-175", _ZOO),
        Figure("A2C, 1M", "-163", _ZOO),
    ),
    "MountainCarContinuous-v0": (
        Figure("PPO, 20k", "88.3", _ZOO),
        Figure("A2C, 100k", "91.2", _ZOO),
    ),
    "HalfCheetah-v5": (
        Figure("PPO, 1M, v4", "1443 ± 46", _CLEANRL),
        Figure("PPO, 1M, v3", "5819", _ZOO),
        Figure("PPO, 1M", "5784 ± 1244", _TIANSHOU),
        Figure("TRPO, 1M", "4471 ± 805", _TIANSHOU),
        Figure("NPG, 1M", "3485 ± 717", _TIANSHOU),
        Figure("A2C, 1M", "1830 ± 1068", _TIANSHOU),
        Figure("REINFORCE, 10M", "1139 ± 105", _TIANSHOU),
    ),
    "Hopper-v5": (
        Figure("PPO, 1M, v4", "2383 ± 272", _CLEANRL),
        Figure("PPO, 1M, v3", "2410", _ZOO),
        Figure("TRPO, 1M, v3", "3618", _ZOO),
        Figure("PPO, 1M", "2609 ± 701", _TIANSHOU),
        Figure("TRPO, 1M", "2046 ± 1038", _TIANSHOU),
        Figure("NPG, 1M", "1915 ± 551", _TIANSHOU),
        Figure("REINFORCE, 10M", "416 ± 105", _TIANSHOU),
    ),
    "Walker2d-v5": (
        Figure("PPO, 1M, v4", "2288 ± 572", _CLEANRL),
        Figure("PPO, 1M, v3", "3479", _ZOO),
        Figure("PPO, 1M", "3589 ± 757", _TIANSHOU),
        Figure("TRPO, 1M", "3827 ± 783", _TIANSHOU),
    ),
    "Swimmer-v5": (
        Figure("PPO, 1M, v3, γ of its own", "282", _ZOO),
        Figure("REINFORCE, 10M", "35.6 ± 2.6", _TIANSHOU),
    ),
    "InvertedPendulum-v5": (
        Figure("PPO, 1M, v4", "963 ± 22", _CLEANRL),
        Figure("REINFORCE, 10M, v2", "1000 ± 0", _TIANSHOU),
    ),
    "Reacher-v5": (Figure("REINFORCE, 10M, v2", "-5.5 ± 0.2", _TIANSHOU),),
}
