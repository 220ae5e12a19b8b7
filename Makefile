# Every task of the project. Each sets up .venv by itself; only python3 and make are needed.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup hooks run test coverage sample-functions check-priors fuzz soak bench bench-quick bench-nation bench-sweeps docs clean

help:
	@echo "make run    what does generative AI change? (baseline against no_ai, writes a report)"
	@echo "make test   style, types and every test"
	@echo "make coverage  the tests once more, with a table of the lines that no test runs (compiled kernels can't be traced)"
	@echo "make sample-functions SEED=1  fifteen functions drawn by a seed, to be understood in a minute each"
	@echo "make hooks  check style, types and layers before each commit (pre-commit, without a network)"
	@echo "make check-priors  200 draws from the priors: does a headline share get stuck? (some 20 minutes on two cores)"
	@echo "make fuzz   10,000 wrong inputs and 1,000 flipped bits: is each told in one line? (twenty minutes on two cores)"
	@echo "make soak   200 random worlds: does anyone pay what it does not have? 100 kills at random steps on the disk, and"
	@echo "            10,000 short runs with drivers and workers killed: is anything lost? (an hour on two cores)"
	@echo "make bench  measure speed and size against C, NumPy and Mesa; writes benchmarks/results (some minutes; needs gcc)"
	@echo "make bench-quick  only the ratios that must not fall (seconds)"
	@echo "make bench-nation  ten million people for twelve weeks (six minutes, 6 GiB)"
	@echo "make bench-sweeps  what a sweep costs beside its runs (six minutes on an idle machine)"
	@echo "make docs   write the tables of parameters and outcomes and the pictures of the tutorial anew (ten minutes)"
	@echo "make setup  only set up .venv"

setup: .venv/.run-ready

.venv/.run-ready: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "python3 cannot make a virtual environment: install its venv module" >&2; exit 1; }
	@echo "Installing into .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.test-ready: .venv/.run-ready
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

.venv/.dev-ready: .venv/.test-ready
	@echo "Installing what developers need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

hooks: .venv/.dev-ready
	@$(BIN)/pre-commit install

run: .venv/.run-ready
	@$(BIN)/metavalue run baseline --against no_ai --replications 5 --overwrite
	@echo "The report lies in $(CURDIR)/outputs/baseline-vs-no_ai/report.html"

test: .venv/.test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2

coverage: .venv/.dev-ready
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term:skip-covered

SEED ?= 1
sample-functions: .venv/.run-ready
	@$(BIN)/python -m tests.sample_functions --seed $(SEED)

check-priors: .venv/.run-ready
	@$(BIN)/python -m analysis.studies.priors --draws 200

fuzz: .venv/.test-ready
	@$(BIN)/python -m tests.fuzz

soak: .venv/.test-ready
	@$(BIN)/python -m tests.solvency --worlds 200
	@$(BIN)/python -m tests.soak_kills --kills 105
	@$(BIN)/python -m tests.soak --runs 10000 --kills 5 time.weeks=8 time.burn_in_weeks=3

bench: .venv/.test-ready
	@$(BIN)/python -m benchmarks

bench-quick: .venv/.test-ready
	@$(BIN)/python -m benchmarks --quick

bench-nation: .venv/.test-ready
	@$(BIN)/python -m benchmarks.nation 1 6

bench-sweeps: .venv/.test-ready
	@$(BIN)/python -m benchmarks.sweeps

docs: .venv/.run-ready
	@$(BIN)/python docs/build.py
	@$(BIN)/python -m docs.tutorial

clean:
	rm -rf .venv .venv313 .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
