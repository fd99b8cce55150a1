#!/bin/sh
# Runs a command, and beside it `make test-fuzz` with the lowest priority, on processors that the command leaves idle.
# Waits for both and prints what fuzzing has found. If the command fails, fuzzing ends too.
# Usage: beside.sh LOG COMMAND…     from the repository's root
set -u
log=$1
shift
# timeout makes a process group, so that one signal ends make and what it has started.
timeout 1800 nice -n 19 make --no-print-directory test-fuzz >"$log" 2>&1 &
fuzzing=$!
trap 'kill "$fuzzing" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"$@" || exit
wait "$fuzzing"
status=$?
cat "$log"
exit "$status"
