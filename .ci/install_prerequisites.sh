#!/bin/sh
# Checks that the tools for building and testing are installed. If Debian packages are missing, prints the command that
# installs them, and runs it as root or with YES=1; otherwise stops.
# Usage: install_prerequisites.sh PYTHON [COMMAND-OR-FILE:PACKAGE]…     the pairs are needed only by some targets
set -eu
python=$1
shift
others=$*

missing() {
  packages=
  compilers=
  [ -n "${CC:-}" ] || compilers=gcc:gcc
  [ -n "${CXX:-}" ] || compilers="$compilers g++:g++"
  for pair in $compilers strip:binutils pkg-config:pkg-config $others; do
    command -v "${pair%:*}" >/dev/null || [ -e "${pair%:*}" ] || packages="$packages ${pair#*:}"
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

if ! command -v apt-get >/dev/null; then
  echo "missing here: $packages (Debian's names); install them with the system's package manager" >&2
  exit 1
fi
as_root=
[ "$(id -u)" -eq 0 ] || as_root="sudo "
install="${as_root}apt-get install --yes --no-install-recommends $packages"
echo "missing here: $packages; this installs them:"
echo "  ${as_root}apt-get update && $install"
if [ -n "$as_root" ] && [ "${YES:-}" != 1 ]; then
  echo "run that command, or let make run it: make setup YES=1" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
${as_root}apt-get update -qq
$install -qq

packages=$(missing)
if [ -n "$packages" ]; then
  echo "still missing for $python: $packages; choose another interpreter with make PYTHON=…" >&2
  exit 1
fi
