#!/bin/sh
# Checks the Makefile: it installs nothing without being asked, takes compilers from the environment, and its help fits a
# screen. Test programs replace apt-get, sudo and id.
set -u
passed=0
failed=0

check() { # what is proved, the status of its proof
  if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "FAILED $1"; fi
}

mkdir bin
for command in sh gcc g++ strip chmod; do ln -s "$(command -v $command)" "bin/$command"; done
fake() { printf '#!/bin/sh\n%s\n' "$2" >"bin/$1" && chmod +x "bin/$1"; }
fake swift ''
fake python ''
fake id 'echo $USER_ID'
fake sudo 'echo "sudo $*" >>calls; exec "$@"'
fake apt-get 'echo "apt-get $*" >>calls; [ "$1" = update ] || { echo "#!/bin/sh" >bin/pkg-config && chmod +x bin/pkg-config; }'

prerequisites() { # the user's id, YES; writes said and calls
  rm -f bin/pkg-config calls && : >calls
  env -u CC -u CXX USER_ID="$1" YES="$2" PATH="$PWD/bin" sh "$PGRAD_ROOT/.ci/install_prerequisites.sh" python >said 2>&1
}

prerequisites 1000 '' && status=1 || status=0
check "without YES=1 a user is refused" $status
grep -q '^  sudo apt-get update && sudo apt-get install .* pkg-config$' said
check "the refusal shows the command" $?
[ ! -s calls ]
check "nothing was run for it" $?
prerequisites 1000 1 && grep -q '^sudo apt-get install .*pkg-config' calls && grep -q 'apt-get install' said
check "with YES=1 the command is shown and run" $?
prerequisites 0 '' && grep -q '^apt-get install .*pkg-config' calls && ! grep -q sudo calls said
check "root needs neither YES nor sudo" $?

compilers() { make -s --no-print-directory -C "$PGRAD_ROOT" --eval 'show: ; @echo $(CC) $(CXX)' show; }
[ "$(unset CC CXX; compilers)" = "gcc g++" ]
check "gcc and g++ are the compilers" $?
[ "$(CC='ccache cc' CXX=c++ compilers)" = "ccache cc c++" ]
check "CC and CXX come from the environment" $?

make --silent --no-print-directory -C "$PGRAD_ROOT" help >help
[ "$(wc -l <help)" -le 30 ] && ! grep -qE '.{81}' help
check "the help fits 30 lines of 80 columns" $?

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
