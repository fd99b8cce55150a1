#!/bin/sh
# Runs the given programs and scripts, each in a new empty folder, and adds up the tests that they report.
# A program ends its output with "N passed, N failed"; one that does not counts as one test.
# Usage: run.sh PROGRAM…     from the repository's root; EMULATOR, where set, is the command that runs each
set -u
root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PGRAD_ROOT="$root" VIRTUAL_ENV="$root/.venv"
export UBSAN_OPTIONS=print_stacktrace=1
passed=0
failed=0

for program in "$@"; do
  name=$(basename "$program")
  mkdir "$scratch/$name"
  start=$(date +%s)
  (cd "$scratch/$name" && timeout 600 ${EMULATOR:-} "$root/$program" </dev/null) >"$scratch/$name.log" 2>&1
  status=$?
  seconds=$(($(date +%s) - start))
  counts=$(tail -n 1 "$scratch/$name.log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
  if [ -z "$counts" ]; then
    [ "$status" -eq 0 ] && counts="1 0" || counts="0 1"
  elif [ "$status" -ne 0 ] && [ "${counts#* }" -eq 0 ]; then
    counts="${counts% *} 1"
  fi
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
  if [ "$status" -eq 0 ]; then
    printf 'ok      %-32s %3d tests  %3d s\n' "$name" "${counts% *}" "$seconds"
  else
    printf 'FAILED  %-32s exit status %d\n' "$name" "$status"
    sed 's/^/    /' "$scratch/$name.log"
  fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
