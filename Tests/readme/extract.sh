#!/bin/sh
# Prints the first fenced block of a language in a Markdown file, so that it can be run as it is printed there.
# Usage: extract.sh LANGUAGE FILE
set -eu
block=$(awk -v fence="\`\`\`$1" 'done { next } inside && /^```/ { done = 1; next } inside { print } $0 == fence { inside = 1 }' "$2")
[ -n "$block" ] || { echo "$2 has no block of $1" >&2; exit 1; }
printf '%s\n' "$block"
