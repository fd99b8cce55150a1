#!/bin/sh
# Installs into a new folder, and builds and runs the README's program with the README's command, with the static library,
# and with CMake, without LD_LIBRARY_PATH.
set -eu
unset LD_LIBRARY_PATH
prefix="$PWD/prefix"

# Stands in for the system's ldconfig and counts its calls.
mkdir bin
printf '#!/bin/sh\necho called >>"%s/ldconfig.calls"\n' "$PWD" >bin/ldconfig
chmod +x bin/ldconfig
: >ldconfig.calls
PATH="$PWD/bin:$PATH"
calls() { wc -l <ldconfig.calls; }

make --silent -C "$PGRAD_ROOT" install PREFIX=/usr DESTDIR="$PWD/stage"
[ -e stage/usr/lib/libpgrad.so.0 ]
for paper in LICENSE NOTICE; do cmp "$PGRAD_ROOT/$paper" "stage/usr/share/doc/pgrad/$paper"; done
[ "$(calls)" -eq 0 ]
make --silent -C "$PGRAD_ROOT" install PREFIX="$prefix"
if [ "$(id -u)" -eq 0 ]; then [ "$(calls)" -eq 1 ]; else [ "$(calls)" -eq 0 ]; fi

export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
sh "$PGRAD_ROOT/Tests/readme/extract.sh" c "$PGRAD_ROOT/README.md" >cartpole.c
command=$(sed -n '/^cc .*pkg-config/p' "$PGRAD_ROOT/README.md")
[ "$(printf '%s\n' "$command" | wc -l)" -eq 1 ]
eval "$command"
readelf -d a.out | grep NEEDED | grep -qF '[libpgrad.so.0]'
./a.out >shared.txt
grep -q '^mean return [0-9]* after [0-9]* steps$' shared.txt

${CC:-gcc} cartpole.c -o linked $(pkg-config --cflags --libs pgrad-static)
if readelf -d linked | grep -q libpgrad; then exit 1; fi
./linked | cmp - shared.txt

mkdir project
cp cartpole.c project/
cat >project/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(installed C)
find_package(pgrad 0.1 REQUIRED)
foreach(kind pgrad static)
  add_executable(cartpole_${kind} cartpole.c)
  target_link_libraries(cartpole_${kind} PRIVATE pgrad::${kind})
endforeach()
END
cmake -S project -B project/build -D CMAKE_PREFIX_PATH="$prefix" >cmake.log || { cat cmake.log && exit 1; }
cmake --build project/build >cmake.log || { cat cmake.log && exit 1; }
for kind in pgrad static; do "project/build/cartpole_$kind" | cmp - shared.txt; done

cat >host.c <<'END'
#include <pgrad_oracle.h>
#include <string.h>
int main(void) {
  pgrad_mdp *bandit = NULL;
  if (strcmp(pgrad_version(), PGRAD_VERSION) != 0 || pgrad_abi_version() != PGRAD_ABI_VERSION) return 1;
  if (pgrad_mdp_create_named(&bandit, "bandit", 1.0, 0) != PGRAD_OK) return 2;
  pgrad_mdp_destroy(bandit);
  return 0;
}
END
${CC:-gcc} -std=c99 host.c -o host $(pkg-config --cflags --libs pgrad)
./host
[ "$(pkg-config --modversion pgrad)" = "$(sed -n 's/^#define PGRAD_VERSION "\(.*\)"/\1/p' "$prefix/include/pgrad.h")" ]
