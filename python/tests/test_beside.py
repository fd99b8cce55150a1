"""pgrad in one process with other libraries of its field, loaded before or after it."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

LIBRARIES = {
    "torch": "import torch; net = torch.nn.Linear(4, 2); net(torch.ones(8, 4)).sum().backward()",
    "jax": "import jax; jax.jit(jax.grad(lambda x: (x @ x.T).sum()))(jax.numpy.ones((8, 8)))",
    "onnxruntime": "import onnxruntime; onnxruntime.get_available_providers()",
}
PGRAD = """
import pgrad
agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=4, n_steps=32, batch_size=64, seed=1, threads=2).learn(512)
print(agent.policy.parameters.tobytes().hex())
"""


def output_of(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("name", LIBRARIES)
def test_pgrad_learns_the_same_beside(name: str, order: str) -> None:
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    other = LIBRARIES[name]
    together = f"{other}\n{PGRAD}" if order == "before" else f"{PGRAD}\n{other}\n{PGRAD}"
    assert set(output_of(together).split()) == set(output_of(PGRAD).split())
