#!/bin/sh
# Runs one program of run.sh, prints a line about it, and its output if it fails, and writes how many of its tests passed
# and failed.
# Usage: run_one.sh FOLDER PROGRAM     from the repository's root
set -u
root=$PWD
program=$2
name=$(basename "$program")
log=$1/$name.log
mkdir "$1/$name"
start=$(date +%s)
(cd "$1/$name" && timeout 600 ${EMULATOR:-} "$root/$program" </dev/null) >"$log" 2>&1
status=$?
seconds=$(($(date +%s) - start))
counts=$(tail -n 1 "$log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
if [ -z "$counts" ]; then
  [ "$status" -eq 0 ] && counts="1 0" || counts="0 1"
elif [ "$status" -ne 0 ] && [ "${counts#* }" -eq 0 ]; then
  counts="${counts% *} 1"
fi
echo "$counts" >"$1/$name.result"
if [ "$status" -eq 0 ]; then
  printf 'ok      %-32s %3d tests  %3d s\n' "$name" "${counts% *}" "$seconds"
else
  printf 'FAILED  %-32s exit status %d\n%s\n' "$name" "$status" "$(sed 's/^/    /' "$log")"
fi
