#!/bin/sh
# Uses the wheel as its users do: in new environments, without access to the repository or to Swift, with every Python
# that is installed. Then checks the source distribution.
# Usage: check.sh PYTHON FOLDER     from the repository's root; FOLDER holds the wheel and the source distribution
set -eu
python=$1
wheel=$(ls "$PWD/$2"/*.whl)
sources=$(ls "$PWD/$2"/*.tar.gz)
readme=$PWD/README.md
extract=$PWD/Tests/readme/extract.sh
tests=$PWD/Tests/wheel
build=$PWD/.venv/bin/python
repository=$PWD
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
[ "$seconds" -le 60 ] # about 20 on an idle machine
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

echo "a policy that only acts needs only NumPy"
printf '%s\n' 3.10 3.11 3.12 3.13 3.14 | xargs -n 1 -P "$(nproc)" sh "$tests/acting.sh" "$build" "$wheel"

echo "the source distribution builds the same files where Swift is"
PATH=$everything
sh "$tests/from_sources.sh" "$repository" "$build" "$wheel" "$sources"
echo "the wheel is sound"
