"""The trainings of each benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Job:
    """One training and its evaluation.

    Attributes:
        library: "pgrad", or a peer.
        algorithm: The name in ``pgrad train``.
        preset: Set of hyperparameters: of pgrad's presets, or a peer's own.
        env: A Gymnasium id, or the name of a native environment, which starts with "pgrad/".
        seed: Seed of all random numbers.
        timesteps: Steps over all environments.
        episodes: Episodes of the deterministic evaluation.
    """

    library: str
    algorithm: str
    preset: str
    env: str
    seed: int
    timesteps: int
    episodes: int = 100


@dataclass(frozen=True)
class _Line:
    env: str
    timesteps: int
    seeds: int
    library: str = "pgrad"
    algorithm: str = "ppo"
    preset: str = "pgrad"


_CLASSIC: Final = (
    _Line("CartPole-v1", 100_000, 10),
    _Line("Acrobot-v1", 500_000, 10),
    _Line("MountainCar-v0", 1_000_000, 10),
    _Line("Pendulum-v1", 100_000, 10),
    _Line("MountainCarContinuous-v0", 100_000, 10),
    _Line("CartPole-v1", 1_000_000, 10, algorithm="reinforce", preset="theorem"),
    _Line("CartPole-v1", 100_000, 10, algorithm="spo"),
)
_MUJOCO: Final = (
    _Line("HalfCheetah-v5", 1_000_000, 10),
    _Line("Hopper-v5", 1_000_000, 10),
    _Line("Walker2d-v5", 1_000_000, 10),
    _Line("Swimmer-v5", 1_000_000, 10),
    _Line("InvertedPendulum-v5", 1_000_000, 10),
    _Line("Reacher-v5", 1_000_000, 10),
    _Line("HalfCheetah-v5", 1_000_000, 5, algorithm="spo"),
    _Line("Hopper-v5", 1_000_000, 5, algorithm="trpo"),
    _Line("HalfCheetah-v5", 1_000_000, 5, algorithm="reinforce"),
    _Line("Hopper-v5", 1_000_000, 5, algorithm="reinforce"),
)
_PEERS: Final = tuple(
    _Line(env, timesteps, seeds, library, preset=preset)
    for env, timesteps, seeds in (("CartPole-v1", 100_000, 10), ("Pendulum-v1", 100_000, 10), ("Hopper-v5", 200_000, 3))
    for library, preset in (("sb3", "sb3"), ("pgrad", "sb3"), ("pgrad", "cleanrl"))
)
_MEMORY: Final = tuple(
    _Line(env, timesteps, seeds, library, preset=preset)
    for env, timesteps in (("CartPoleNoVel-v1", 100_000), ("PendulumNoVel-v1", 300_000))
    for library, preset, seeds in (("pgrad", "pgrad", 10), ("sb3_contrib", "zoo", 5))
)
_RECALL: Final = tuple(
    _Line(f"popgym-{task}-v0", 100_000, 5, library, preset=preset)
    for task in ("RepeatPreviousEasy", "RepeatFirstEasy", "HigherLowerEasy")
    for library, preset in (("pgrad", "pgrad"), ("sb3_contrib", "alike"))
)
# Environment steps as in Young and Tian (2019). The peer has the hyperparameters of pgrad's preset.
_MINATAR: Final = tuple(
    _Line(f"pgrad/MinAtar/{game}-v1", 5_000_000, seeds, library)
    for game, seeds in (("Breakout", 10), ("Asterix", 5), ("Freeway", 5), ("Seaquest", 10), ("SpaceInvaders", 24))
    for library in ("pgrad", "sb3")
)
_MASKS: Final = tuple(
    _Line(env, 50_000, 5, library, preset="sb3")
    for env, peer in (("LargestAllowed-v1", "sb3_contrib"), ("LargestAllowedNoMask-v1", "sb3"))
    for library in ("pgrad", peer)
)
_ATARI: Final = (_Line("AtariPong-v5", 3_000_000, 1),)
_SHORT: Final = (
    _Line("pgrad/CartPole-v1", 2_048, 2),
    _Line("pgrad/CartPole-v1", 2_048, 2, algorithm="a2c"),
    _Line("pgrad/Pendulum-v1", 4_096, 2),
)

PLANS: Final[dict[str, tuple[_Line, ...]]] = {
    "classic": _CLASSIC,
    "mujoco": _MUJOCO,
    "peers": _PEERS,
    "memory": _MEMORY,
    "recall": _RECALL,
    "minatar": _MINATAR,
    "masks": _MASKS,
    "atari": _ATARI,
    "full": (*_CLASSIC, *_PEERS, *_MEMORY, *_RECALL, *_MASKS, *_MUJOCO),
    "short": _SHORT,
}
"""Every plan, by its name."""


def jobs(
    plan: str,
    envs: list[str] | None = None,
    seeds: int | None = None,
    libraries: list[str] | None = None,
    timesteps: int | None = None,
) -> list[Job]:
    """The trainings of a plan, ordered by seed, so that an interrupted run has similar numbers of seeds for each.

    Args:
        plan: One of `PLANS`.
        envs: Only these environments.
        seeds: At most this many seeds of each.
        libraries: Only these libraries.
        timesteps: At most this many timesteps of each training.
    """
    episodes = 5 if plan == "short" else 100
    found = [
        Job(
            line.library,
            line.algorithm,
            line.preset,
            line.env,
            seed,
            min(line.timesteps, timesteps or line.timesteps),
            episodes,
        )
        for line in PLANS[plan]
        for seed in range(1, min(line.seeds, seeds or line.seeds) + 1)
        if (not envs or line.env in envs) and (not libraries or line.library in libraries)
    ]
    return sorted(found, key=lambda job: job.seed)
