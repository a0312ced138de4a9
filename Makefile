# The front door. Everything happens in .venv and build/, nothing outside.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# an editable install knows the modules by name: a new one asks for a new install
MODULES := $(shell find metafast -name '*.py' | LC_ALL=C sort | cksum | cut -d' ' -f1)
READY := $(VENV)/.ready-$(MODULES)
CORE := pyproject.toml constraints.txt CMakeLists.txt $(shell find cpp -name '*.cpp' -o -name '*.hpp')
CPP_BUILD := build/cpp

.PHONY: demo test test-all lint bench results wheel docs cpp-test sanitize clean

demo: $(READY)
	$(BIN)/metafast design bridge --output runs/bridge --overwrite

# two processes, since much of a first run is compilation, which uses one core; threads that have
# nothing to do sleep, since those that wait actively keep the other process from the cores
test: $(READY)
	$(MAKE) -j 2 lint cpp-test
	OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -n 2 --dist loadfile

test-all: lint cpp-test sanitize
	$(BIN)/python -m pytest -m "slow or not slow"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# about two hours; each script records its figures under benchmarks/results (peers: pip install '.[bench]')
bench: $(READY)
	for script in benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done
	$(MAKE) results

# benchmarks/RESULTS.md from what the benchmarks recorded
results:
	$(PYTHON) benchmarks/write_results.py

# the virtual environment, the dependencies as pinned, and the package with its compiled core
$(READY): $(CORE)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  -c constraints.txt scikit-build-core pybind11 cmake ninja
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  -c constraints.txt --no-build-isolation --editable '.[test]'
	touch $@

# the site, in docs/_build/html; warnings are errors
docs: $(READY)
	$(BIN)/python -m sphinx -W --keep-going -c docs . docs/_build/html

# sdist, and the wheel from it, in dist/; what they hold is checked
wheel: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt build
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/python .ci/check_archives.py dist

# GoogleTest comes from the system; where CMake does not find it and we may, install it
CONFIGURE := $(BIN)/cmake -S . -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja \
  -DMETAFAST_BUILD_PYTHON=OFF -DMETAFAST_BUILD_TESTS=ON
cpp-test: $(READY)
	@$(CONFIGURE) -B $(CPP_BUILD) >/dev/null 2>&1 || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	    apt-get update -qq && apt-get install -y -qq libgtest-dev >/dev/null; } || true
	$(CONFIGURE) -B $(CPP_BUILD) >/dev/null
	$(BIN)/cmake --build $(CPP_BUILD)
	$(BIN)/ctest --test-dir $(CPP_BUILD) --output-on-failure --no-tests=error

sanitize: $(READY)
	for kind in address,undefined thread; do \
	  $(CONFIGURE) -B build/$$kind -DMETAFAST_SANITIZE=$$kind >/dev/null && \
	  $(BIN)/cmake --build build/$$kind && \
	  $(BIN)/ctest --test-dir build/$$kind --output-on-failure --no-tests=error || exit 1; \
	done

clean:
	rm -rf $(VENV) build dist runs
