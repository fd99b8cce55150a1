#!/bin/sh
# Installs what building and testing need and this machine lacks, where apt can; otherwise says what is missing.
# Usage: install_prerequisites.sh PYTHON [COMMAND:PACKAGE]…     the pairs for what only some need
set -eu
python=$1
shift
others=$*

missing() {
  packages=
  for pair in gcc:gcc g++:g++ strip:binutils pkg-config:pkg-config $others; do
    command -v "${pair%:*}" >/dev/null || packages="$packages ${pair#*:}"
  done
  command -v "$python" >/dev/null || packages="$packages python3"
  "$python" -c 'import ensurepip' 2>/dev/null || packages="$packages python3-venv"
  header='import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'
  "$python" -c "$header" 2>/dev/null || packages="$packages python3-dev"
  echo $packages
}

if ! command -v swift >/dev/null; then
  echo "swift is not on the PATH; a Swift toolchain, 6.2 or newer, builds the library: https://www.swift.org/install" >&2
  exit 1
fi

packages=$(missing)
[ -n "$packages" ] || exit 0

as_root=
[ "$(id -u)" -eq 0 ] || as_root=sudo
if ! command -v apt-get >/dev/null || { [ -n "$as_root" ] && ! command -v sudo >/dev/null; }; then
  echo "missing here, and not installable without apt-get and root: $packages (Debian's names)" >&2
  exit 1
fi
echo "installing $packages"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -qq --yes --no-install-recommends $packages

packages=$(missing)
if [ -n "$packages" ]; then
  echo "still missing for $python: $packages; choose another interpreter with make PYTHON=…" >&2
  exit 1
fi
