#!/bin/sh
# Runs fuzz targets with libFuzzer, each for a time. Inputs that end one are kept in build/fuzz/finds; inputs that reach
# new code in build/fuzz/corpus. Inputs start short, because short ones run fast. Leaks are looked for once, when a target
# ends, because this takes half of the time if done after every input. A program that is given files, such as those of a
# corpus, looks for leaks after each of them.
# Usage: run.sh SECONDS PROGRAM…     from the repository's root
set -u
seconds=$1
shift
export SWIFT_BACKTRACE=enable=no UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS="suppressions=$PWD/Tests/Fuzz/leaks.txt:print_suppressions=0"
mkdir -p build/fuzz/finds
failed=0
total=0
for program in "$@"; do
  name=$(basename "$program")
  mkdir -p "build/fuzz/corpus/$name"
  "$program" -max_total_time="$seconds" -max_len=4096 -detect_leaks=0 -timeout=60 -rss_limit_mb=4096 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/finds/$name-" \
    "build/fuzz/corpus/$name" "Tests/Fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1
  status=$?
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log")
  total=$((total + ${executions:-0}))
  if [ "$status" -eq 0 ]; then
    printf 'ok      %-24s %10d executions\n' "$name" "${executions:-0}"
  else
    failed=$((failed + 1))
    printf 'FAILED  %-24s see build/fuzz/%s.log and build/fuzz/finds\n' "$name" "$name"
    grep -m 3 -E 'ERROR|SUMMARY|violated|runtime error' "build/fuzz/$name.log" | sed 's/^/    /'
  fi
done
echo "$total executions, $failed targets failed"
[ "$failed" -eq 0 ]
