#!/bin/sh
# Checks that the source distribution holds the repository's sources and that SwiftPM accepts them, builds a wheel from
# it, and compares the wheel's files with those of the given one. The same sources would give the same library, so the
# repository's library takes the place of a second one. With FOLDER, Swift builds the library there instead; later runs
# overwrite only sources that have changed, so that Swift compiles only these.
# Usage: from_sources.sh REPOSITORY PYTHON WHEEL SOURCES [FOLDER]     from an empty folder; PYTHON has the package build
set -eu
repository=$1
python=$2
wheel=$3
sources=$4
folder=${5:-$PWD/unpacked}
mkdir unpacked
tar --extract --gzip --file "$sources" --directory unpacked --strip-components 1
diff -r "$repository/Package.swift" unpacked/Package.swift
for name in include Sources; do diff -r "$repository/$name" "unpacked/$name"; done

list() { (cd "$1" && find . -path ./.build -prune -o ! -type d -print | sort); }
if [ $# -eq 5 ]; then
  mkdir -p "$folder"
  list unpacked >new
  list "$folder" >kept
  comm -13 new kept | while read -r file; do rm "$folder/$file"; done
  while read -r file; do
    if cmp -s "unpacked/$file" "$folder/$file"; then continue; fi
    mkdir -p "$folder/$(dirname "$file")"
    cp --no-dereference --remove-destination "unpacked/$file" "$folder/$file"
  done <new
else
  # OlderGlibc is a target in C, and takes a moment.
  mkdir bin
  cat >bin/swift <<END
#!/bin/sh
set -eu
[ "\$*" = "build -c release --product pgrad" ]
"$(command -v swift)" build -c release --target OlderGlibc
cp "$repository/.build/release/libpgrad.so" .build/release/
END
  chmod +x bin/swift
  PATH=$PWD/bin:$PATH
fi

"$python" -m build --wheel --outdir built "$folder" >log 2>&1 || { tail -n 40 log && exit 1; }
# Only one of the two wheels lists folders.
files() { "$python" -m zipfile --list "$1" | awk '$1 !~ /\/$/ { print $1 }' | grep -v dist-info | sort; }
files built/*.whl >from-sources
files "$wheel" | cmp - from-sources
