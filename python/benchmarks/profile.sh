#!/bin/sh
# Profiles a whole training: PPO on Pendulum-v1 with RLtools' settings, two million steps on one thread.
# Usage: profile.sh PYTHON LIBRARY; LIBRARY must not be stripped. Needs Linux perf and a Swift toolchain.
set -eu
PGRAD_LIBRARY=$(realpath "$2")
export PGRAD_LIBRARY
PYTHONPATH=$(realpath "$(dirname "$0")/..")
export PYTHONPATH
data=$(mktemp)
trap 'rm -f "$data"' EXIT
perf record --quiet --output "$data" "$1" -c \
  'from benchmarks.harness.settings import pendulum; print(pendulum(seed=1).learn(2_000_000).statistics)'
perf report --input "$data" --stdio --sort symbol --percent-limit 0.3 2>/dev/null | grep -v '^#' | swift demangle --simplified
