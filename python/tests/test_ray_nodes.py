"""A cluster of two Ray nodes: two network namespaces of this machine, joined by a virtual cable."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ray", reason="ray is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = f"pgrad{os.getpid()}a", f"pgrad{os.getpid()}b"
ADDRESSES = "10.77.0.1", "10.77.0.2"
PORT = "6380"

_PROGRAM = """
import sys
import tempfile
from pathlib import Path
import gymnasium, ray
import pgrad
from pgrad.distributed import ray as actors_of

ray.init(address=sys.argv[1], log_to_driver=False)
places = Path(sys.argv[2])

def env():
    (places / ray.util.get_node_ip_address()).touch()
    return gymnasium.make("CartPole-v1")

agent = pgrad.PPO("CartPole-v1", n_envs=2, n_steps=32, batch_size=32, seed=1)
actors_of.train(agent, env, 640, actors=2)
print(agent.num_timesteps, agent.history[-1].episodes)
"""


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture
def namespaces() -> Iterator[None]:
    """Two network namespaces that reach each other."""
    if shutil.which("ip") is None:
        pytest.skip("ip is not installed (Debian: iproute2)")
    first, second = NAMES
    try:
        _ip("netns", "add", first)
    except subprocess.CalledProcessError:
        pytest.skip("network namespaces need root")
    _ip("netns", "add", second)
    try:
        _ip("link", "add", "cable", "netns", first, "type", "veth", "peer", "name", "cable", "netns", second)
        for name, address in zip(NAMES, ADDRESSES, strict=True):
            _ip("-n", name, "address", "add", f"{address}/24", "dev", "cable")
            for device in ("lo", "cable"):
                _ip("-n", name, "link", "set", device, "up")
        yield
    finally:
        for name in NAMES:
            for process in _processes(name):
                os.kill(process, signal.SIGKILL)
            _ip("netns", "delete", name)


def _processes(name: str) -> list[int]:
    found = subprocess.run(["ip", "netns", "pids", name], check=True, capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


def _inside(folder: str, name: str, *command: str) -> subprocess.Popen[str]:
    # Other programs would find this cluster in Ray's own folder.
    environment = os.environ | {"RAY_AUTH_MODE": "disabled", "RAY_ADDRESS": "", "RAY_TMPDIR": folder}
    return subprocess.Popen(
        ["ip", "netns", "exec", name, *command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def folder() -> Iterator[str]:
    """A folder for Ray; the names of its sockets may not be longer than in /tmp."""
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as name:
        yield name


@pytest.mark.usefixtures("namespaces")
def test_a_learner_and_its_actors_are_on_two_nodes(folder: str, tmp_path: Path) -> None:
    start = str(Path(sys.executable).parent / "ray"), "start", "--disable-usage-stats"
    head = "--head", f"--node-ip-address={ADDRESSES[0]}", f"--port={PORT}", "--include-dashboard=false", "--num-cpus=0"
    other = f"--address={ADDRESSES[0]}:{PORT}", f"--node-ip-address={ADDRESSES[1]}", "--num-cpus=2"
    for name, options in zip(NAMES, (head, other), strict=True):
        with _inside(folder, name, *start, *options) as starting:
            printed, _ = starting.communicate(timeout=120)
            assert starting.returncode == 0, printed
    program, places = tmp_path / "train.py", tmp_path / "places"
    program.write_text(_PROGRAM)
    places.mkdir()
    with _inside(folder, NAMES[0], sys.executable, str(program), f"{ADDRESSES[0]}:{PORT}", str(places)) as training:
        printed, _ = training.communicate(timeout=120)
        assert training.returncode == 0, printed
    assert printed.splitlines()[-1].startswith("640 ")
    assert [file.name for file in places.iterdir()] == [ADDRESSES[1]]
