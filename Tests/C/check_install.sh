#!/bin/sh
# Installs into a folder of its own and builds a program against nothing but that folder, by way of pkg-config.
set -eu
prefix="$PWD/prefix"
make --silent -C "$PGRAD_ROOT" install PREFIX="$prefix"

cat >host.c <<'END'
#include <pgrad.h>
#include <string.h>
int main(void) { return strcmp(pgrad_version(), PGRAD_VERSION) != 0 || pgrad_abi_version() != PGRAD_ABI_VERSION; }
END
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
gcc -std=c99 host.c -o host $(pkg-config --cflags --libs pgrad)
readelf -d host | grep NEEDED | grep -qF '[libpgrad.so.0]'
LD_LIBRARY_PATH="$prefix/lib" ./host
[ "$(pkg-config --modversion pgrad)" = "$(sed -n 's/^#define PGRAD_VERSION "\(.*\)"/\1/p' "$prefix/include/pgrad.h")" ]
