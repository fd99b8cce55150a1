#!/bin/sh
# Runs fuzz targets with libFuzzer, each for a time; JOBS at once, by default as many as there are processors. Inputs that
# end one are kept in build/fuzz/finds; inputs that reach new code in build/fuzz/corpus.
# Usage: run.sh SECONDS PROGRAM…     from the repository's root
set -u
seconds=$1
shift
mkdir -p build/fuzz/finds
for program in "$@"; do rm -f "$program.log"; done
printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -n 1 sh Tests/Fuzz/run_one.sh "$seconds"
failed=$?
total=0
for program in "$@"; do
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$program.log")
  total=$((total + ${executions:-0}))
done
echo "$total executions"
[ "$failed" -eq 0 ]
