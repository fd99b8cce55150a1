#!/bin/sh
# Installs the wheel and NumPy alone with one Python, loads a policy and trains an agent. Does nothing if that Python is
# not installed.
# Usage: acting.sh PYTHON WHEEL VERSION     from a folder that holds cartpole.safetensors; PYTHON has pip
set -eu
installer=$1
wheel=$2
version=$3
for python in "python$version" "$HOME/.pyenv/versions/$version".*/bin/python; do
  "$python" -c 'import venv' 2>/dev/null || continue
  "$python" -m venv --without-pip "acting-$version"
  "$installer" -m pip --quiet --python "acting-$version/bin/python" install numpy
  "$installer" -m pip --quiet --python "acting-$version/bin/python" install --no-deps "$wheel"
  [ ! -d "acting-$version"/lib/python*/site-packages/gymnasium ]
  "acting-$version/bin/python" - <<'END'
import pgrad

policy = pgrad.Policy.load("cartpole.safetensors")
assert policy.mode([0.0, 0.0, 0.05, 0.0]) in (0, 1)
agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=8, n_steps=64, batch_size=128).learn(10_000)
assert agent.history[-1].mean_return > 30
END
  echo "Python $version"
  break
done
