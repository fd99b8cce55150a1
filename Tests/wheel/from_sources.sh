#!/bin/sh
# Builds a wheel from the source distribution and compares its files with those of the wheel. The sources and what Swift
# makes of them stay in FOLDER. A later run overwrites only the sources that have changed, so that Swift compiles only these.
# Usage: from_sources.sh PYTHON WHEEL SOURCES FOLDER     from an empty folder; PYTHON has the package build
set -eu
python=$1
wheel=$2
sources=$3
folder=$4
mkdir -p "$folder" unpacked
tar --extract --gzip --file "$sources" --directory unpacked --strip-components 1
list() { (cd "$1" && find . -path ./.build -prune -o ! -type d -print | sort); }
list unpacked >new
list "$folder" >kept
comm -13 new kept | while read -r file; do rm "$folder/$file"; done
while read -r file; do
  if cmp -s "unpacked/$file" "$folder/$file"; then continue; fi
  mkdir -p "$folder/$(dirname "$file")"
  cp --no-dereference --remove-destination "unpacked/$file" "$folder/$file"
done <new

"$python" -m build --wheel --outdir built "$folder" >log 2>&1 || { tail -n 40 log && exit 1; }
# Only one of the two wheels lists folders.
files() { "$python" -m zipfile --list "$1" | awk '$1 !~ /\/$/ { print $1 }' | grep -v dist-info | sort; }
files built/*.whl >from-sources
files "$wheel" | cmp - from-sources
