# Layerscope on Linux and macOS. `make` alone lists what there is.

PYTHON := .venv/bin/python
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help bundle deb docs mutants onnx-corpus setup run test test-bundle test-peers test-versions test-wheel wheel soak lint format clean bench bench-window bench-peers

help: ## list these targets
	@echo "Layerscope: build, train and look inside small convolutional networks."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# As many processes as there are cores, up to 8; two more for the tests of the window, which wait a
# part of their time.
AND_MORE := $$($(PYTHON) -c 'import os; print(min(8, 2 + (os.cpu_count() or 1)))')

WITHOUT_TIMES := -m "not soak and not timing and not peers and not wheel"

# What is run a second time, with the engine's numerics in plain numpy, which compile nothing: the
# tests of what computes, but those to which it does not matter which twin does. Files rather than
# folders, for to import the tests of the loops takes seconds. One process runs them beside the others,
# which leave a part of the cores, and what it says is shown after them.
NO_TWIN := compute/test_histogram compute/test_numerics compute/test_pass_memory \
	training/test_batch_splitting training/test_best_epoch training/test_captured_step \
	training/test_confusion training/test_memory training/test_preparation training/test_samples \
	training/test_warm_up explain/test_by_block explain/test_convolution \
	explain/test_gradient_check explain/test_indices explain/test_provenance explain/test_why \
	explain/test_why_in_peers
PLAIN_TESTS := $(filter-out $(NO_TWIN:%=tests/engine/%.py), \
	$(wildcard tests/engine/compute/test_*.py tests/engine/blocks/test_*.py \
	tests/engine/training/test_*.py tests/engine/explain/test_*.py))

# The traces of tests that take minutes are not wanted: to take them may end the program.
SOAK := -m soak -o faulthandler_timeout=0

# Each process of a run reads what the first one compiled, even where that is switched off.
test soak: export PYTHONDONTWRITEBYTECODE =

setup: ## make .venv and install what is needed (run, test, lint and format do it by themselves)
	@bash tools/setup.sh

run: setup ## open the window, or train in the terminal where there is no display
	@$(PYTHON) main.py

# Compiled first, on both cores: tests that compile beside each other take two minutes longer.
test: setup ## run all tests, without a display; those of the numerics on both twins; those of time last
	@$(PYTHON) -m engine.training.warm_up
	@mkdir -p build
	LAYERSCOPE_COMPUTE=numpy $(PYTHON) -m pytest $(WITHOUT_TIMES) $(PLAIN_TESTS) \
		> build/plain-numpy.txt 2>&1 & beside=$$!; trap 'kill $$beside' INT TERM; \
	$(PYTHON) -m pytest -n $(AND_MORE) --dist worksteal $(WITHOUT_TIMES); ended=$$?; \
	wait $$beside || ended=1; cat build/plain-numpy.txt; exit $$ended
	$(PYTHON) -m pytest -m "timing and not soak" $$(grep -rl --include='*.py' 'mark\.timing' tests)

test-peers: setup ## run the tests that need PyTorch, Keras, captum, openTSNE; installs them into .venv-peers (a few minutes)
	@bash tools/setup_peers.sh
	$(PYTHON) -m pytest -m peers $$(grep -rl --include='*.py' 'mark\.peers' tests)

test-versions: setup ## run the tests on each Python found, with the lowest and newest packages (an hour)
	@bash tools/test_versions.sh

wheel: ## build what `pip install` takes: dist/layerscope-VERSION-py3-none-any.whl
	@bash tools/wheel.sh

test-wheel: setup wheel ## install the wheel into an environment of its own, try it there, remove it
	@$(PYTHON) -m engine.training.warm_up
	$(PYTHON) -m pytest -m wheel tests/test_wheel.py

docs: setup ## write the manual as HTML into build/docs; what Sphinx warns of is an error
	@rm -rf build/docs
	@$(PYTHON) -m sphinx --quiet --fail-on-warning --keep-going docs build/docs
	@echo "docs: open build/docs/index.html"

bundle: setup wheel ## put the program with a Python of its own into dist/layerscope/ (.venv-bundle, some minutes)
	@$(PYTHON) tools/bundle/make.py

test-bundle: bundle ## use it as on a machine without Python: window, training, exports (some 5 minutes)
	$(PYTHON) -m pytest -o faulthandler_timeout=0 tools/bundle

deb: bundle ## make a package for Debian of it: dist/layerscope_VERSION_ARCHITECTURE.deb
	@bash tools/bundle/deb.sh

soak: setup ## run the long tests: kills, damaged files, random clicks (some 20 minutes)
	@$(PYTHON) -m engine.training.warm_up
	$(PYTHON) -m pytest -n 2 --dist worksteal $(SOAK)
	LAYERSCOPE_COMPUTE=numpy $(PYTHON) -m pytest $(SOAK) $(PLAIN_TESTS)

onnx-corpus: setup ## import every model of Debian's libonnx-testdata, and compare the outputs
	@$(PYTHON) tools/onnx_corpus.py

mutants: setup ## change the product at 150 places, one at a time, and name what no test notices (hours)
	@$(PYTHON) tools/mutants.py build/mutants $(OPTIONS)

lint: setup ## check style, types, who may import whom, and that the code has not grown
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(PYTHON) tools/size.py --totals

format: setup ## put the code into its standard form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup ## measure how fast the engine trains
	@$(PYTHON) main.py bench

bench-window: setup ## measure the window: rate, latency, Stop, start, memory (some 5 minutes)
	@$(PYTHON) benchmarks/window_latency.py

bench-peers: setup ## the same against PyTorch, JAX and the notebook's loop; OPTIONS="--random 20" or --named for other nets
	@bash tools/setup_peers.sh
	@$(PYTHON) benchmarks/peers/compare.py $(OPTIONS)

clean: ## remove the environments and everything that was generated
	rm -rf .venv .venv-bundle .venv-peers .venv-versions build dist *.egg-info layerscope-out uv.lock
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
