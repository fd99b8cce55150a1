# Every target first installs what it needs; what is already installed is not installed again.

PREFIX ?= /usr/local
PYTHON ?= $(if $(wildcard /usr/bin/python3),/usr/bin/python3,python3)
PYTHON_CONFIG ?= $(PYTHON)-config
# Make defines these as cc and g++, and ?= would keep that. The environment and the command line take precedence.
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
VENV := .venv/bin
VERSION := $(shell sed -n 's/^\#define PGRAD_VERSION "\(.*\)"/\1/p' include/pgrad.h)
SOURCES := $(shell find Package.swift Sources include -type f)
LIBRARY := build/lib/libpgrad.so.0
ARCHIVE := build/lib/libpgrad.a
HEADERS := include/pgrad.h include/pgrad_oracle.h

WARNINGS := -Wall -Wextra -Wpedantic -Werror
CFLAGS := -std=c99 -D_XOPEN_SOURCE=700 -O2 -g $(WARNINGS) -Iinclude -ITests/C
CXXFLAGS := -std=c++17 -O2 -g $(WARNINGS) -Iinclude -ITests/C
LDLIBS := -Lbuild/lib -lpgrad -Wl,-rpath,'$$ORIGIN/../lib' -pthread -lm
# Without optimization these programs take a third of the time to compile. The library in them is the same.
SANITIZE := -O0 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Swift builds share a folder and wait for each other. Only the C programs are compiled in parallel.
ifeq ($(filter %-programs,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif
.PHONY: help setup library demo bench bench-learning bench-scale bench-games bench-kernels bench-profile wheel \
  install dist docs test test-swift test-c c-programs test-python test-wheel test-fuzz fuzz-programs test-sdist \
  test-beside test-nehalem test-cortex abi sanitize asan tsan valgrind fuzz lint format clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 16

# --------------------------------------------------------------------------------------------------------------- set-up

setup: build/prerequisites .venv/ready ## Make the virtual environment; YES=1 runs sudo where needed

build/prerequisites: .ci/install_prerequisites.sh
	@mkdir -p build
	@sh $< $(PYTHON)
	@touch $@

# Changes only with the version, which pip reads from the header when it installs the package.
build/version: include/pgrad.h
	@mkdir -p build
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@

.venv/ready: python/pyproject.toml python/hatch_build.py build/version | build/prerequisites $(LIBRARY)
	$(PYTHON) -m venv .venv
	$(VENV)/pip install --quiet --upgrade pip
	$(VENV)/pip install --quiet --editable 'python[plot,dev]'
	@# The tests compare native games with MinAtar's. Its rules need only NumPy; its other dependencies are for display.
	$(VENV)/pip install --quiet --no-deps 'MinAtar>=1.0.15'
	@touch $@

library: $(LIBRARY) $(ARCHIVE) ## Build build/lib/libpgrad.so and libpgrad.a

$(LIBRARY): $(SOURCES) | build/prerequisites
	swift build -c release --product pgrad
	@mkdir -p build/lib
	strip -o $@ .build/release/libpgrad.so
	@ln -sf libpgrad.so.0 build/lib/libpgrad.so

$(ARCHIVE): .packaging/static_library.sh $(LIBRARY)
	sh .packaging/static_library.sh .build/release/pgrad.product/Objects.LinkFileList $@

# ------------------------------------------------------------------------------------------------------------------ use

demo: setup library ## Train CartPole-v1 to a mean return of 475 and plot it
	$(VENV)/pgrad train CartPole-v1 --until 475 --save build/cartpole.safetensors --plot build/cartpole.png

BENCH ?=

bench: .venv-bench/ready library ## Compare the speed of libraries; BENCH="--help" lists options
	cd python && PGRAD_LIBRARY=$(abspath $(LIBRARY)) ../.venv-bench/bin/python -m benchmarks $(BENCH)

.venv-bench/ready: python/pyproject.toml python/benchmarks/requirements.txt | build/prerequisites $(LIBRARY)
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --editable python
	@sed 's/ *#.*//; /^$$/d' python/benchmarks/requirements.txt | while read -r peer; do \
	  .venv-bench/bin/pip install --quiet "$$peer" || echo "$$peer cannot be installed and is skipped"; done
	@# As in .venv.
	@.venv-bench/bin/pip install --quiet --no-deps 'MinAtar>=1.0.15' || echo "MinAtar cannot be installed and is skipped"
	@touch $@

bench-learning: .venv-bench/learning library ## Compare learning; LEARNING="--help" lists options
	cd python && PGRAD_LIBRARY=$(abspath $(LIBRARY)) ../.venv-bench/bin/python -m benchmarks.learning $(LEARNING)

.venv-bench/learning: .venv-bench/ready python/benchmarks/learning/requirements.txt
	.venv-bench/bin/pip install --quiet --editable 'python[plot]' --requirement python/benchmarks/learning/requirements.txt
	@touch $@

bench-scale: .venv-bench/scale library ## Measure ranks and actors; SCALE="--help" lists options
	cd python && PGRAD_LIBRARY=$(abspath $(LIBRARY)) ../.venv-bench/bin/python -m benchmarks.scale $(SCALE)

.venv-bench/scale: .venv-bench/ready
	.venv-bench/bin/pip install --quiet --editable 'python[mpi,ray]' 'ray[rllib]' 'gymnasium[mujoco]'
	@touch $@

bench-games: .venv-bench/games library ## Train self-play in board games; GAMES="--help" lists options
	cd python && PGRAD_LIBRARY=$(abspath $(LIBRARY)) ../.venv-bench/bin/python -m benchmarks.games $(GAMES)

.venv-bench/games: .venv-bench/ready
	.venv-bench/bin/pip install --quiet --editable 'python[pettingzoo]' 'pettingzoo[classic]'
	@touch $@

bench-kernels: build/prerequisites ## Measure the kernels one by one, in Swift
	swift package --package-path Tests/KernelBenchmarks benchmark --target KernelBenchmarks --no-progress

bench-profile: .venv-bench/ready library ## Profile a whole training with perf
	sh python/benchmarks/profile.sh .venv-bench/bin/python .build/release/libpgrad.so

wheel: setup library ## Build a wheel and a source package in python/dist
	rm -rf build/wheel python/dist
	$(VENV)/python -m build --outdir build/wheel --wheel python >build/wheel.log || { cat build/wheel.log; exit 1; }
	$(VENV)/python -m build --outdir python/dist --sdist python >>build/wheel.log || { cat build/wheel.log; exit 1; }
	@# Names the oldest C library that the wheel runs with.
	PATH="$(abspath $(VENV)):$$PATH" $(VENV)/auditwheel repair --plat auto --only-plat --wheel-dir python/dist \
	  build/wheel/*.whl
	$(VENV)/check-wheel-contents python/dist/*.whl
	$(VENV)/twine check --strict python/dist/*

install: library ## Install the C libraries under PREFIX (/usr/local)
	sh .packaging/install.sh $(VERSION) $(PREFIX) $(DESTDIR)$(PREFIX)
	@# Programs linked without pkg-config find a library in a system folder through the dynamic linker's cache.
	if [ -z '$(DESTDIR)' ] && [ "$$(id -u)" -eq 0 ] && command -v ldconfig >/dev/null; then ldconfig; fi

dist: library ## Pack libraries, headers and examples into build/dist
	sh .packaging/dist.sh $(VERSION)

docs: setup library ## Build the documentation in build/site
	cd python && NO_MKDOCS_2_WARNING=1 PGRAD_LIBRARY=$(abspath $(LIBRARY)) ../$(VENV)/mkdocs build --quiet

# ---------------------------------------------------------------------------------------------------------------- tests

test: setup library ## Run every test: Swift, C, Python and the wheel, and fuzz beside
	@sh Tests/Fuzz/beside.sh build/test-fuzz.log $(MAKE) test-swift test-c test-python test-wheel

test-swift: build/prerequisites ## Run the Swift tests
	@echo "== Swift"
	swift test

C_TESTS := $(patsubst Tests/C/tests/%.c,build/c/%,$(wildcard Tests/C/tests/*.c))
C_EXAMPLES := $(addprefix build/c/,$(basename $(notdir $(filter-out %/mpi_train.c,\
  $(wildcard Tests/C/examples/*.c Tests/C/examples/*.cpp)))))
# The sanitizer also replaces malloc and calls that write files, makes system calls, and needs more memory and stack.
C_SANITIZED := $(patsubst %,%-sanitized, \
  $(filter-out $(addprefix %/,allocation failing_disk jail guest copies steady frames),$(C_TESTS)))
C_PROGRAMS := $(C_TESTS) build/c/score_gradient-cpp $(C_SANITIZED) $(C_EXAMPLES) build/c/readme
FUZZ_TARGETS := $(filter-out driver,$(basename $(notdir $(wildcard Tests/Fuzz/*.c))))
C_FUZZ := $(addprefix build/c/fuzz-,$(FUZZ_TARGETS))

# MPI, and network namespaces for two nodes of Ray. Tests that miss them are skipped.
FOR_PROCESSES := mpirun:openmpi-bin mpicc:libopenmpi-dev ip:iproute2

test-c: setup library ## Run the C tests and examples and check the library
	@echo "== C"
	@$(MAKE) --no-print-directory --jobs="$$(nproc)" c-programs
	@sh .ci/install_prerequisites.sh $(PYTHON) cmake:cmake
	-@sh .ci/install_prerequisites.sh $(PYTHON) $(FOR_PROCESSES)
	@sh Tests/C/run.sh $(wildcard Tests/C/check_*.sh) $(C_PROGRAMS)

c-programs: $(C_PROGRAMS)

build/c/%: Tests/C/tests/%.c $(wildcard Tests/C/*.h) $(HEADERS) | $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< -o $@ $(LDLIBS)

build/c/%-sanitized: Tests/C/tests/%.c $(wildcard Tests/C/*.h) $(HEADERS) | $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANITIZE) -DFEWER_CASES $< -o $@ $(LDLIBS)

build/c/%-cpp: Tests/C/tests/%.c $(wildcard Tests/C/*.h) $(HEADERS) | $(LIBRARY)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) -x c++ $< -x none -o $@ $(LDLIBS)

build/c/%: Tests/C/examples/%.c $(HEADERS) | $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< -o $@ $(LDLIBS)

build/c/%: Tests/C/examples/%.cpp $(HEADERS) | $(LIBRARY)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $< -o $@ $(LDLIBS)

build/c/gymnasium_host: Tests/C/examples/gymnasium_host.c $(HEADERS) | $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $$($(PYTHON_CONFIG) --includes) $< -o $@ $(LDLIBS) $$($(PYTHON_CONFIG) --embed --ldflags)

build/c/mpi_train: Tests/C/examples/mpi_train.c $(HEADERS) | $(LIBRARY)
	@mkdir -p $(@D)
	OMPI_CC='$(CC)' mpicc $(CFLAGS) $< -o $@ $(LDLIBS)

build/c/readme: README.md Tests/readme/extract.sh $(HEADERS) | $(LIBRARY)
	@mkdir -p $(@D)
	sh Tests/readme/extract.sh c README.md > build/c/readme.c
	$(CC) $(CFLAGS) build/c/readme.c -o $@ $(LDLIBS)

test-python: setup library ## Run the Python tests
	@echo "== Python"
	-@sh .ci/install_prerequisites.sh $(PYTHON) $(FOR_PROCESSES)
	sh Tests/readme/extract.sh python README.md > build/readme.py
	cd build && ../$(VENV)/python readme.py
	@# A file's tests stay in one process, where they share their fixtures. Signals need a process without workers.
	cd python && ../$(VENV)/python -m pytest --numprocesses "$$(nproc)" --dist loadfile --ignore tests/test_signals.py
	cd python && ../$(VENV)/python -m pytest tests/test_signals.py

test-wheel: wheel ## Use the wheel in empty environments without Swift
	@echo "== wheel"
	sh Tests/wheel/check.sh $(PYTHON) python/dist

# Fuzz the installed library for a minute with each target.
test-fuzz: setup library
	@echo "== fuzzing"
	@$(MAKE) --silent --jobs="$$(nproc)" fuzz-programs
	@sh Tests/C/run.sh $(C_FUZZ)

fuzz-programs: $(C_FUZZ)

# Slow: for releases.
test-sdist: wheel
	rm -rf build/sdist && mkdir -p build/sdist
	cd build/sdist && sh $(CURDIR)/Tests/wheel/from_sources.sh $(CURDIR) $(CURDIR)/$(VENV)/python \
	  $(CURDIR)/python/dist/*.whl $(CURDIR)/python/dist/*.tar.gz $(CURDIR)/build/sources

# Load torch, jax and onnxruntime before and after pgrad. They are too large for each run of the tests.
test-beside: .venv-bench/ready library
	.venv-bench/bin/pip install --quiet pytest
	cd python && PGRAD_LIBRARY=$(abspath $(LIBRARY)) ../.venv-bench/bin/python -m pytest tests/test_beside.py

test-cortex: setup library ## Run exported policies on an emulated Cortex-M4
	@sh .ci/install_prerequisites.sh $(PYTHON) arm-none-eabi-gcc:gcc-arm-none-eabi qemu-system-arm:qemu-system-arm \
	  /usr/lib/arm-none-eabi/newlib/rdimon.specs:libnewlib-arm-none-eabi
	cd python && ../$(VENV)/python -m pytest tests/test_export_arm.py

NEHALEM := qemu-x86_64 -cpu Nehalem

# Skips two kinds of tests, which run on other processors with the same kernels. Statistics of millions of draws take
# too long here, and qemu ends threads of a child of fork with status 127.
test-nehalem: $(C_TESTS) library ## Run the tests on an emulated processor without AVX2
	@sh .ci/install_prerequisites.sh $(PYTHON) qemu-x86_64:qemu-user
	swift build --build-tests
	$(NEHALEM) .build/debug/pgradPackageTests.xctest --testing-library swift-testing --skip 'SamplingTests|aChildOfFork'
	@EMULATOR='$(NEHALEM)' sh Tests/C/run.sh $(C_TESTS)

abi: setup library ## Add new names to the list of the ABI; refuses changes
	cd python && ../$(VENV)/python -m tests.abi

# ---------------------------------------------------------------------------------------------- sanitizers and fuzzing

sanitize: asan tsan valgrind ## Run the tests under the sanitizers and valgrind

# The core and the Swift tests with the address sanitizer, and with counters of coverage for libFuzzer. All of it is
# optimized, for speed. Swift's own checks of bounds and overflow stay, in the kernels too.
COVERAGE := edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table
WITH_ASAN := --sanitize=address --scratch-path .build-asan -Xswiftc -O -Xswiftc -sanitize-coverage=$(COVERAGE)
INSTRUMENTED := .build-asan/objects
TOOLCHAIN := $(dir $(realpath $(shell command -v swift)))
CLANG := $(or $(wildcard $(TOOLCHAIN)clang),clang)
HARNESS := -std=c11 -D_XOPEN_SOURCE=700 -g $(WARNINGS) -Iinclude
LINKED := -static-stdlib -use-ld=lld -lm

$(INSTRUMENTED): Tests/Fuzz/objects.sh $(SOURCES) | build/prerequisites
	swift build $(WITH_ASAN) --target CABI
	sh $< .build-asan/debug $@

# Memory that cannot be had gives NULL, as without the sanitizer.
ASAN := ASAN_OPTIONS=allocator_may_return_null=1 \
  LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/Fuzz/leaks.txt:print_suppressions=0

# The C tests with everything instrumented: the core and the programs.
C_ASAN := $(patsubst build/c/%-sanitized,build/asan/%,$(C_SANITIZED))

build/asan/%: Tests/C/tests/%.c $(wildcard Tests/C/*.h) $(HEADERS) $(INSTRUMENTED)
	@mkdir -p $(@D)
	$(CLANG) $(CFLAGS) $(SANITIZE) -c $< -o $@.o
	swiftc -sanitize=address $@.o -o $@ @$(INSTRUMENTED) $(LINKED)

# Swift itself stops at overflow and bounds, so the sanitizer of undefined behaviour is for the C programs.
asan: $(C_ASAN) build/prerequisites ## Run the Swift and C tests under the address sanitizer
	$(ASAN) swift test --disable-xctest $(WITH_ASAN)
	@$(ASAN) sh Tests/C/run.sh $(C_ASAN)

# The core with the thread sanitizer. Programs take Swift from its shared library: linked into a program, it would hide
# the sanitizer's malloc from the C library.
THREADED := .build-tsan/objects
C_TSAN := $(addprefix build/tsan/,ranks readers readers_of_updates sharing deferred_updates fuzz-calls)

$(THREADED): Tests/Fuzz/objects.sh $(SOURCES) | build/prerequisites
	swift build --sanitize=thread --scratch-path .build-tsan --target CABI
	sh $< .build-tsan/debug $@

build/tsan/%: Tests/C/tests/%.c $(wildcard Tests/C/*.h) $(HEADERS) $(THREADED)
	@mkdir -p $(@D)
	$(CLANG) $(CFLAGS) -fsanitize=thread -c $< -o $@.o
	swiftc -sanitize=thread $@.o -o $@ @$(THREADED) -use-ld=lld -lm

build/tsan/fuzz-%: Tests/Fuzz/%.c Tests/Fuzz/driver.c $(wildcard Tests/Fuzz/*.h) $(HEADERS) $(THREADED)
	@mkdir -p $(@D)
	$(CLANG) $(HARNESS) -O1 -fsanitize=thread -DTARGET='"$*"' -c $< -o $@.o
	$(CLANG) $(HARNESS) -O1 -DTARGET='"$*"' -c Tests/Fuzz/driver.c -o $@-driver.o
	swiftc -sanitize=thread $@.o $@-driver.o -o $@ @$(THREADED) -use-ld=lld -lm

# Only tests with several threads, and none with children of fork, which the sanitizer does not follow.
TSAN_SUITES := HandlesTests|DestroyedInUseTests|Reader|PolicyReadingTests|DrawKeysTests|WorkerPoolTests|BackgroundUpdate
tsan: $(C_TSAN) build/prerequisites ## Run the tests of threads under the thread sanitizer
	@sh Tests/C/run.sh $(C_TSAN)
	swift test --disable-xctest --sanitize=thread --scratch-path .build-tsan --skip aChildOfFork \
	  --filter '$(TSAN_SUITES)'

VALGRIND := valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite
VALGRIND_TESTS := build/c/rows build/c/files build/c/given_rollouts build/c/masked_agents

valgrind: $(VALGRIND_TESTS) library ## Run a few C tests under valgrind
	@sh .ci/install_prerequisites.sh $(PYTHON) valgrind:valgrind
	@EMULATOR='$(VALGRIND) --errors-for-leak-kinds=definite' sh Tests/C/run.sh $(VALGRIND_TESTS)

TIME ?= 10
JOBS ?=
FUZZERS := $(addprefix build/fuzz/,$(FUZZ_TARGETS))

fuzz: $(FUZZERS) ## Fuzz with libFuzzer: TIME=10 seconds a target, JOBS at once
	@JOBS=$(JOBS) sh Tests/Fuzz/run.sh $(TIME) $(FUZZERS)

build/fuzz/%: Tests/Fuzz/%.c $(wildcard Tests/Fuzz/*.h) $(HEADERS) $(INSTRUMENTED)
	@mkdir -p $(@D)
	$(CLANG) $(HARNESS) -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -c $< -o $@.o
	swiftc -sanitize=fuzzer,address $@.o -o $@ @$(INSTRUMENTED) $(LINKED)

# The same targets without libFuzzer, on the library as it is installed.
build/c/fuzz-%: Tests/Fuzz/%.c Tests/Fuzz/driver.c $(wildcard Tests/Fuzz/*.h) $(HEADERS) | $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(HARNESS) -O2 -DTARGET='"$*"' $< Tests/Fuzz/driver.c -o $@ $(LDLIBS)

# -------------------------------------------------------------------------------------------------------------- hygiene

# KernelsAVX2 and KernelsAVX512 are links to Kernels.
SWIFT_FILES := Package.swift $(filter-out Sources/KernelsAVX%,$(wildcard Sources/*)) $(wildcard Tests/*Tests) \
  Tests/KernelBenchmarks/Benchmarks

C_FILES := $(HEADERS) $(wildcard Sources/*/*.[ch] Tests/C/*.h Tests/C/*/*.c Tests/C/*/*.cpp Tests/Fuzz/*.[ch] \
  python/benchmarks/programs/*.[ch] python/benchmarks/programs/*/*.h)

lint: setup ## Check format and types; changes no file
	swift format lint --strict --recursive --parallel $(SWIFT_FILES)
	$(VENV)/clang-format --dry-run --Werror $(C_FILES)
	@# The formatters leave comments as they are.
	! LC_ALL=C.UTF-8 grep -nE '.{121}' $(C_FILES) Makefile
	! LC_ALL=C.UTF-8 grep -rnP '^(?=.{121}) *//' --include=*.swift $(SWIFT_FILES)
	$(VENV)/ruff check python
	$(VENV)/ruff format --check python
	cd python && ../$(VENV)/mypy
	for header in $(HEADERS); do \
	  $(CC) -std=c99 $(WARNINGS) -fsyntax-only -x c $$header && \
	  $(CXX) -std=c++17 $(WARNINGS) -fsyntax-only -x c++ $$header || exit 1; \
	done

format: setup ## Format Swift, C and Python in place
	swift format --in-place --recursive --parallel $(SWIFT_FILES)
	$(VENV)/clang-format -i $(C_FILES)
	$(VENV)/ruff check --fix python
	$(VENV)/ruff format python

clean: ## Remove everything that was built or set up
	rm -rf .build .venv .venv-bench build python/dist
