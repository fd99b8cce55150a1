#!/bin/sh
# Unpacks the distribution, runs every command of its README, and runs the examples that these commands build.
set -eu
unset LD_LIBRARY_PATH
make --silent -C "$PGRAD_ROOT" dist >/dev/null
packed=$(ls "$PGRAD_ROOT"/build/dist/pgrad-*-linux-*.tar.gz)
first=$(sha256sum "$packed")
make --silent -C "$PGRAD_ROOT" dist >/dev/null
[ "$(sha256sum "$packed")" = "$first" ]
tar --extract --gzip --file "$packed"
cd pgrad-*-linux-*
for paper in LICENSE NOTICE; do cmp "$PGRAD_ROOT/$paper" "$paper"; done

# What the README says of each form of linking.
shared() { readelf -d "$1" | grep NEEDED | grep -qF '[libpgrad.so.0]'; }
linked() { ! readelf -d "$1" | grep -q libpgrad; }
commands() { awk '/^```sh/ { inside = 1; next } /^```/ { inside = 0 } inside' README.md; }
commands | grep '^cmake -S' >configure
commands | grep '^cc ' >compile
[ "$(wc -l <configure)" -eq 1 ] && [ "$(wc -l <compile)" -eq 5 ]
PKG_CONFIG_PATH=$PWD/lib/pkgconfig
export PKG_CONFIG_PATH

echo "the README's compiler commands"
for kind in shared linked linked shared linked; do
  read -r command
  echo "$command"
  eval "$command" 2>warnings || { cat warnings; exit 1; }
  "$kind" corridor
  ./corridor >output || { cat output; exit 1; }
  rm corridor
done <compile

echo "CMake, shared and static"
eval "$(cat configure) --log-level=ERROR" >/dev/null
eval "$(sed 's/-B build/-B build-static -D STATIC=ON/' configure) --log-level=ERROR" >/dev/null
for folder in build build-static; do
  cmake --build "$folder" >log || { cat log; exit 1; }
  [ "$folder" = build ] && kind=shared || kind=linked
  for example in a2c corridor double_integrator nim ppo reinforce selftest tmaze; do
    "$kind" "$folder/$example"
    (cd "$folder" && "./$example" >output) || { echo "$example failed" && cat "$folder/output" && exit 1; }
  done
done
cmp build/output build-static/output

echo "versions of this series are found, and others are not"
found() {
  printf 'cmake_minimum_required(VERSION 3.16)\nproject(version C)\nfind_package(pgrad %s REQUIRED)\n' "$1" >asked/CMakeLists.txt
  cmake -S asked -B asked/build -D CMAKE_PREFIX_PATH="$PWD" >/dev/null 2>&1
}
mkdir asked
found 0.1
for version in 99.0 0.0.1; do
  if found $version; then echo "version $version was found"; exit 1; fi
done
