#!/bin/sh
# Makes one static library of the object files that make the shared library and of the Swift run-time library.
# Usage: static_library.sh OBJECTS ARCHIVE     OBJECTS is the list of object files that SwiftPM links
set -eu
objects=$1
archive=$2
target=$(swift -print-target-info)
runtime=$(printf '%s\n' "$target" | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')_static/linux
processor=$(printf '%s\n' "$target" | sed -n 's/.*"triple": "\([^-]*\)-.*/\1/p' | head -n 1)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A program that links the archive brings its own C library, so it needs no older one.
grep -v '/OlderGlibc\.build/' "$objects" >"$scratch/objects"
# Without groups: the linker would drop sections of a group that the program has too, although their symbols are local here.
ld -r --force-group-allocation -o "$scratch/all.o" "@$scratch/objects" "$runtime/$processor/swiftrt.o" \
  "$runtime/libswiftGlibc.a" "$runtime/libswiftCore.a"
objcopy --wildcard --keep-global-symbol='pgrad_*' --strip-debug "$scratch/all.o" "$scratch/pgrad.o"
rm -f "$archive"
ar rcsD "$archive" "$scratch/pgrad.o"
