#!/bin/sh
# Checks the built libraries: both export exactly the headers' names and need no Swift installation. The shared one has its
# soname, runs with older C libraries, and stays in memory after it is loaded.
set -u
library="$PGRAD_ROOT/build/lib/libpgrad.so.0"
archive="$PGRAD_ROOT/build/lib/libpgrad.a"
include="$PGRAD_ROOT/include"
passed=0
failed=0

check() { # what is proved, what is wrong: nothing if it holds
  if [ -z "$2" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED %s:\n%s\n' "$1" "$2"
  fi
}

# pgrad_oracle.h includes pgrad.h.
${CC:-gcc} -E -std=c99 -P "$include/pgrad_oracle.h" | tr -d '\n' | grep -oE '\bpgrad_[a-z_]+\(' | tr -d '(' | sort -u >declared
nm -D --defined-only --extern-only "$library" | awk '{ print $3 }' | sort -u >exported
dynamic=$(readelf -d "$library")

check "every function of the headers is exported" "$(comm -23 declared exported)"
check "nothing else is exported" "$(comm -13 declared exported)"
nm --defined-only --extern-only "$archive" | awk 'NF == 3 { print $3 }' | sort -u >linked
check "the static library defines the same names" "$(comm -3 declared linked)"
check "the static library leaves no name of Swift open" "$(
  nm --undefined-only "$archive" | awk '{ print $2 }' | grep -E '^(\$s|_?swift)')"
check "the soname is libpgrad.so.0" "$(echo "$dynamic" | grep SONAME | grep -vF '[libpgrad.so.0]')$(
  echo "$dynamic" | grep -q SONAME || echo 'no soname')"
check "the library is never unloaded" "$(echo "$dynamic" | grep -q NODELETE || echo 'NODELETE is not set')"
check "no search path of the build machine is left" "$(echo "$dynamic" | grep -E 'RPATH|RUNPATH' | grep -vF '[$ORIGIN]')"
check "only the C and C++ run-time libraries are needed" "$(ldd "$library" | awk '{ print $1 }' | grep -vE \
  '^(linux-vdso\.so\.1|lib(c|m|dl|pthread|gcc_s)\.so\.[0-9]+|libstdc\+\+\.so\.6|/lib.*/ld-linux.*)$')"
# Versions of symbols, such as GLIBC_2.27, that the library asks for beyond those of Ubuntu 18.04.
objdump -T "$library" | grep -oE '(GLIBC|GLIBCXX|CXXABI)_[0-9.]+' | sort -u >versions
check "glibc 2.27 and the libstdc++ of GCC 7 suffice" "$(
  { cat versions; printf '%s\n' GLIBC_2.27.limit GLIBCXX_3.4.24.limit CXXABI_1.3.11.limit; } | sort -V |
    awk -F _ '/limit/ { past[$1] = 1; next } past[$1]')"
check "no executable stack is asked for" "$(readelf -lW "$library" | grep GNU_STACK | grep RWE)"
check "the library is stripped" "$(readelf -SW "$library" | grep -F .symtab)"
for name in pgrad.h pgrad_oracle.h; do
  header="$include/$name"
  check "$name stands alone as C99" "$(
    ${CC:-gcc} -std=c99 -Wall -Wextra -pedantic -Werror -fsyntax-only -x c "$header" 2>&1)"
  check "$name stands alone as C++17" "$(
    ${CXX:-g++} -std=c++17 -Wall -Wextra -pedantic -Werror -fsyntax-only -x c++ "$header" 2>&1)"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
