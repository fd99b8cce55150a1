#!/bin/sh
# Makes a static library of what SwiftPM has compiled of the targets in Sources.
# Usage: archive.sh BUILD_FOLDER LIBRARY     from the repository's root
set -eu
build=$1
library=$2
rm -f "$library"
for sources in Sources/*/; do
  target=$(basename "$sources")
  find -L "$sources" -name '*.swift' -o -name '*.c' | sed "s|.*/|$build/$target.build/|; s|\$|.o|"
done | xargs ar qcs "$library"
