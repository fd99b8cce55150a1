#!/bin/sh
# Installs headers, libraries, licences, and the descriptions that CMake and pkg-config read.
# Usage: install.sh VERSION PREFIX FOLDER     from the repository's root
#   PREFIX  where programs will find pgrad, as pkg-config shows it
#   FOLDER  where the files are copied now: PREFIX itself, or one that is packed or moved there later
set -eu
version=$1
prefix=$2
folder=$3
lib=$folder/lib

install -d "$folder/include" "$lib/pkgconfig" "$lib/cmake/pgrad" "$folder/share/doc/pgrad"
install -m 644 include/pgrad.h include/pgrad_oracle.h "$folder/include/"
install -m 644 LICENSE NOTICE "$folder/share/doc/pgrad/"
install -m 755 build/lib/libpgrad.so.0 "$lib/libpgrad.so.$version"
ln -sf "libpgrad.so.$version" "$lib/libpgrad.so.0"
ln -sf libpgrad.so.0 "$lib/libpgrad.so"
install -m 644 build/lib/libpgrad.a "$lib/"
for name in pgrad pgrad-static; do
  sed "s|@prefix@|$prefix|; s|@version@|$version|" ".packaging/$name.pc.in" >"$lib/pkgconfig/$name.pc"
done
install -m 644 .packaging/pgradConfig.cmake "$lib/cmake/pgrad/"
sed "s|@version@|$version|" .packaging/pgradConfigVersion.cmake.in >"$lib/cmake/pgrad/pgradConfigVersion.cmake"
