#!/bin/sh
# Lists the objects that SwiftPM has compiled of the targets in Sources, for the linker. Of a library it would take only
# those whose symbols are used, but Swift finds the conformances of all types at run time.
# Usage: objects.sh BUILD_FOLDER LIST     from the repository's root
set -eu
build=$1
list=$2
for sources in Sources/*/; do
  target=$(basename "$sources")
  find -L "$sources" -name '*.swift' -o -name '*.c' | sed "s|.*/|$PWD/$build/$target.build/|; s|\$|.o|"
done >"$list"
