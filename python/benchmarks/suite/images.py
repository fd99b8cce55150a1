"""Policies of images: a gradient step and one frame, against torch, jax and, in acting, onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import pgrad
from benchmarks.harness import scores
from benchmarks.harness.goal import Faster, Goal
from benchmarks.harness.peers import peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.harness.clock import Sample
    from benchmarks.harness.run import Run

THREADS = (1,)
SHAPES = {"nature": (84, 84, 4), "minatar": (10, 10, 4)}
"""Height, width and channels of the images that each stack is measured with."""
_GOALS: dict[tuple[str, int], dict[str, Goal]] = {
    ("nature", 256): {"torch": Faster(1)},
    ("minatar", 128): {"torch": Faster(1.4)},
}


def measure(run: Run) -> None:
    """Measure both stacks."""
    for encoder, batch in (("nature", 64), ("nature", 256), ("minatar", 128)):
        _compare_steps(run, encoder, batch)
    _compare_acting(run, "nature")


def _compare_steps(run: Run, encoder: str, batch: int) -> None:
    images = _images(encoder, batch)
    run.compare(
        "Gradient step with images",
        f"{encoder}, {_size(encoder)}, batch {batch}",
        {"pgrad": lambda: run.timed(scores.stepper(_policy(encoder), images))},
        {
            "torch": lambda: run.timed(peer("torch_images").stepper(encoder, images, SHAPES[encoder])),
            "jax": lambda: run.timed(peer("jax_images").stepper(encoder, images, SHAPES[encoder])),
        },
        goals={**_GOALS.get((encoder, batch), {}), "jax": Faster(1)},
        flop=batch * _flop(encoder),
        note=scores.NOTE,
    )


def _compare_acting(run: Run, encoder: str) -> None:
    image, shape = _images(encoder, 1), SHAPES[encoder]
    policy = _policy(encoder)

    def theirs(module: str) -> Callable[[], Sample]:
        return lambda: run.timed(peer(module).acting(encoder, image, shape))

    run.compare(
        "Acting with images",
        f"{encoder}, one frame of {_size(encoder)}",
        {"pgrad, policy.sample": lambda: run.timed(lambda: policy.sample(image))},
        {"torch": theirs("torch_images"), "jax": theirs("jax_images"), "onnxruntime": theirs("onnx_images")},
        goals={"torch": Faster(1.5), "jax": Faster(1), "onnxruntime": Faster(1)},
        note="pgrad also draws an action and returns its log-probability. The peers compute the logits.",
    )


def _size(encoder: str) -> str:
    return "×".join(map(str, SHAPES[encoder]))


def _images(encoder: str, batch: int) -> np.ndarray:
    size = int(np.prod(SHAPES[encoder]))
    return np.random.default_rng(0).integers(0, 256, (batch, size)).astype(np.float32)


def _policy(encoder: str) -> pgrad.Policy:
    return pgrad.Policy(
        pgrad.Image(*SHAPES[encoder]),
        pgrad.Categorical(scores.ACTIONS),
        hidden_sizes=(),
        encoder=encoder,
        value_function=False,
    )


def _flop(encoder: str) -> int:
    """Both passes of one image: three products a layer, but two in the first."""
    *_, channels = SHAPES[encoder]
    layers = {
        # Places × patch × filters of every layer.
        "nature": (400 * 64 * channels * 32, 81 * 512 * 64, 49 * 576 * 64, 3136 * 512, 512 * scores.ACTIONS),
        "minatar": (64 * 9 * channels * 16, 1024 * 128, 128 * scores.ACTIONS),
    }[encoder]
    return 2 * (3 * sum(layers) - layers[0])
