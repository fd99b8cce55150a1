#!/bin/sh
# Uses the wheel as its users do: in new environments, without access to the repository or to Swift, with every Python
# that is installed. Then builds another wheel from the source distribution.
# Usage: check.sh PYTHON FOLDER     from the repository's root; FOLDER holds the wheel and the source distribution
set -eu
python=$1
wheel=$(ls "$PWD/$2"/*.whl)
sources=$(ls "$PWD/$2"/*.tar.gz)
readme=$PWD/README.md
extract=$PWD/Tests/readme/extract.sh
build=$PWD/.venv/bin/python
papers="LICENSE NOTICE"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset PGRAD_LIBRARY PYTHONPATH
everything=$PATH
PATH=/usr/bin:/bin
if command -v swift >/dev/null; then echo "Swift cannot be hidden: it is in $(command -v swift)" >&2; exit 1; fi

echo "the wheel is small and names its platform"
[ "$(stat -c %s "$wheel")" -le 6000000 ]
case $wheel in *-py3-none-manylinux_2_*_*.whl) ;; *) echo "its name is $wheel"; exit 1 ;; esac

echo "the README's example runs, from pip install to a solved CartPole"
"$python" -m venv "$scratch/whole"
started=$(date +%s)
"$scratch/whole/bin/pip" install --quiet "$wheel"
sh "$extract" python "$readme" >"$scratch/readme.py"
cd "$scratch"
whole/bin/python readme.py
seconds=$(($(date +%s) - started))
echo "$seconds s"
[ "$seconds" -le 60 ] # about 15 on an idle machine
whole/bin/pgrad --version
for paper in $papers; do cmp "$OLDPWD/$paper" whole/lib/python*/site-packages/pgrad-*.dist-info/licenses/$paper; done

echo "a training stays within 60 MB"
whole/bin/python - <<'END'
import resource

import pgrad

pgrad.PPO("CartPole-v1", n_envs=8, n_steps=64, batch_size=128).learn(50_000)
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{megabytes:.0f} MB")
assert megabytes <= 60
END

for version in 3.10 3.11 3.12 3.13 3.14; do
  for other in "python$version" "$HOME/.pyenv/versions/$version".*/bin/python; do
    "$other" -c 'import ensurepip, venv' 2>/dev/null || continue
    echo "a policy that only acts needs only NumPy: Python $version"
    "$other" -m venv "acting-$version"
    "acting-$version/bin/pip" install --quiet numpy
    "acting-$version/bin/pip" install --quiet --no-deps "$wheel"
    [ ! -d "acting-$version"/lib/python*/site-packages/gymnasium ]
    "acting-$version/bin/python" - <<'END'
import pgrad

policy = pgrad.Policy.load("cartpole.safetensors")
assert policy.mode([0.0, 0.0, 0.05, 0.0]) in (0, 1)
agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=8, n_steps=64, batch_size=128).learn(10_000)
assert agent.history[-1].mean_return > 30
END
    break
  done
done

echo "the source distribution builds the same files where Swift is"
PATH=$everything
tar --extract --gzip --file "$sources"
"$build" -m build --wheel --outdir built "$(ls -d pgrad-*/)" >log 2>&1 || { tail -n 40 log && exit 1; }
# Only one of the two wheels lists folders.
files() { "$build" -m zipfile --list "$1" | awk '$1 !~ /\/$/ { print $1 }' | grep -v dist-info | sort; }
files built/*.whl >from-sources
files "$wheel" | cmp - from-sources
echo "the wheel is sound"
