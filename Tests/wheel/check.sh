#!/bin/sh
# Uses a wheel as its users do: in a new environment, without access to the repository.
# Usage: check.sh PYTHON WHEEL     from the repository's root
set -eu
python=$1
wheel=$PWD/$2
readme=$PWD/README.md
extract=$PWD/Tests/readme/extract.sh
papers="LICENSE NOTICE"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset PGRAD_LIBRARY PYTHONPATH

"$python" -m venv "$scratch/acting"
"$scratch/acting/bin/pip" install --quiet numpy typing_extensions
"$scratch/acting/bin/pip" install --quiet --no-deps "$wheel"
[ ! -d "$scratch"/acting/lib/python*/site-packages/gymnasium ]
"$python" -m venv "$scratch/whole"
"$scratch/whole/bin/pip" install --quiet "$wheel"

cd "$scratch"
for paper in $papers; do cmp "$OLDPWD/$paper" whole/lib/python*/site-packages/pgrad-*.dist-info/licenses/$paper; done

echo "the README's example runs after pip install"
sh "$extract" python "$readme" >readme.py
whole/bin/python readme.py
whole/bin/pgrad --version

echo "a policy that only acts needs NumPy and typing_extensions"
acting/bin/python - <<'END'
import pgrad

policy = pgrad.Policy.load("cartpole.safetensors")
assert policy.mode([0.0, 0.0, 0.05, 0.0]) in (0, 1)
END
echo "the wheel is sound"
