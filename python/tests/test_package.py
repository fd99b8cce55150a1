"""The package's own names."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import pgrad


def test_modules_load_when_they_are_asked_for() -> None:
    script = """
import sys, pgrad
names = ("agents", "callbacks", "plotting", "presets", "self_play", "verify")
assert not any(f"pgrad.{name}" in sys.modules for name in names)
assert pgrad.PPO.__module__ == "pgrad.agents.ppo" and "PPO" in vars(pgrad)
assert "pgrad.plotting" not in sys.modules and "pgrad.verify" not in sys.modules
assert [getattr(pgrad, name).__name__ for name in names] == [f"pgrad.{name}" for name in names]
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_any_module_can_be_the_first_to_load() -> None:
    script = """
import os, pgrad
for name in [*pgrad._NAMES, *pgrad._MODULES]:
    child = os.fork()
    if child == 0:
        getattr(pgrad, name)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, name
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_star_import_gives_every_public_name() -> None:
    script = "from pgrad import *; import pgrad; assert set(pgrad.__all__) <= globals().keys()"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_names_that_load_on_first_use_are_those_of_type_checkers() -> None:
    module = ast.parse(Path(pgrad.__file__).read_text())
    (guarded, _) = [
        node for node in ast.walk(module) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    imports = [node for node in guarded.body if isinstance(node, ast.ImportFrom)]
    checked = {(node.module, alias.name) for node in imports for alias in node.names}
    names = {(f"pgrad.{module}", name) for module, names in pgrad._NAMES.items() for name in names}
    assert checked == names | {("pgrad", name) for name in pgrad._MODULES}
    loaded = {"abi_version", "kernels", "library_path", "version"}
    assert {name for _, name in names} == set(pgrad.__all__) - loaded


def test_tab_completion_shows_modules_and_names() -> None:
    shown = dir(pgrad)
    assert {"callbacks", "loggers", "plotting", "presets", "verify", "PPO", "evaluate"} <= set(shown)
    assert shown == sorted(set(shown))
    assert {name for name in shown if not name.startswith("__")} == {*pgrad.__all__, *pgrad._MODULES}


@pytest.mark.parametrize("name", ["callbacks", "distributed", "loggers", "plotting", "presets", "sb3", "verify"])
def test_a_module_needs_no_import_of_its_own(name: str) -> None:
    assert getattr(pgrad, name).__name__ == f"pgrad.{name}"


def test_without_dependencies_an_error_names_the_package_to_install() -> None:
    script = """
import sys
for name in "gymnasium", "gymnasium.spaces", "gymnasium.vector", "tqdm":
    sys.modules[name] = None
import pgrad

agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64)
world = pgrad.POMDP([[[1.0]]], [[1.0]], [1.0], [[1.0]], 1)
for use in (
    lambda: pgrad.PPO("CartPole-v1"),
    lambda: pgrad.PPO("CartPole-v1", vectorization="async"),
    lambda: pgrad.PPO(None, observation_space=1, action_space=1),
    lambda: pgrad.evaluate(agent, "CartPole-v1"),
    lambda: pgrad.sb3,
    world.env,
    lambda: agent.learn(64, progress_bar=True),
):
    try:
        use()
    except ImportError as error:
        print(error)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines() == [
        "an environment that is not native needs gymnasium: pip install gymnasium",
        "an environment that is not native needs gymnasium: pip install gymnasium",
        "a loop with spaces needs gymnasium: pip install gymnasium",
        "an environment that is not native needs gymnasium: pip install gymnasium",
        "pgrad.sb3 needs gymnasium: pip install gymnasium",
        "the environment of a POMDP needs gymnasium: pip install gymnasium",
        "a progress bar needs tqdm: pip install tqdm",
    ]


def test_importing_needs_only_numpy() -> None:
    script = """
import sys
for name in "gymnasium", "matplotlib", "rich", "tomli_w", "tqdm", "typer", "typing_extensions":
    sys.modules[name] = None
import pgrad
assert pgrad.Policy(4, pgrad.Categorical(2)).mode([0.0, 0.0, 0.0, 0.0]) in (0, 1)
assert pgrad.PPO("pgrad/CartPole-v1", n_steps=64).learn(64).num_timesteps == 64
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_every_public_name_is_there_and_documented() -> None:
    for name in pgrad.__all__:
        assert name in ("abi_version", "kernels", "library_path", "version") or getattr(pgrad, name).__doc__
    with pytest.raises(AttributeError, match="module 'pgrad' has no attribute 'nothing'"):
        pgrad.nothing  # type: ignore[attr-defined]  # noqa: B018
