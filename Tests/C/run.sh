#!/bin/sh
# Runs the given programs and scripts, each in a new empty folder and as many at a time as there are processors, and adds
# up the tests that they report. A program ends its output with "N passed, N failed"; one that does not is one test.
# Usage: run.sh PROGRAM…     from the repository's root; EMULATOR, if set, is the command that runs each, and JOBS is how
# many run at a time
set -u
root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PGRAD_ROOT="$root" VIRTUAL_ENV="$root/.venv"
export UBSAN_OPTIONS=print_stacktrace=1

printf '%s\n' "$@" | xargs -n 1 -P "${JOBS:-$(nproc)}" sh Tests/C/run_one.sh "$scratch"

# Each program has left a line such as "12 0": tests that passed and failed.
results=$(cat "$scratch"/*.result | awk '{ passed += $1; failed += $2 } END { print passed + 0, failed + 0, NR }')
set -- "$#" $results
echo "$2 passed, $3 failed"
[ "$3" -eq 0 ] && [ "$4" -eq "$1" ]
