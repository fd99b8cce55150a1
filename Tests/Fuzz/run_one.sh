#!/bin/sh
# Runs one fuzz target for run.sh, and prints a line. Inputs start short, because short ones run fast. Leaks are looked for
# once, when the target ends, because this takes half of the time if done after every input. A program that is given
# files, such as those of a corpus, looks for leaks after each of them.
# Usage: run_one.sh SECONDS PROGRAM     from the repository's root
set -u
name=$(basename "$2")
mkdir -p "build/fuzz/corpus/$name"
export SWIFT_BACKTRACE=enable=no UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS="suppressions=$PWD/Tests/Fuzz/leaks.txt:print_suppressions=0"
"$2" -max_total_time="$1" -max_len=4096 -detect_leaks=0 -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 \
  -artifact_prefix="build/fuzz/finds/$name-" "build/fuzz/corpus/$name" "Tests/Fuzz/corpus/$name" >"$2.log" 2>&1
status=$?
if [ "$status" -eq 0 ]; then
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$2.log")
  printf 'ok      %-24s %10d executions\n' "$name" "${executions:-0}"
else
  printf 'FAILED  %-24s see %s.log and build/fuzz/finds\n' "$name" "$2"
  grep -m 3 -E 'ERROR|SUMMARY|violated|runtime error' "$2.log" | sed 's/^/    /'
  exit 1
fi
