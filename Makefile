# `make benchmark` and `make test` do all the set-up on a machine with only Python and make.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# `make CONSTRAINTS=` takes the newest versions that pyproject.toml allows.
CONSTRAINTS ?= constraints.txt

# What `make mutants` mutates, and how: files or folders, or a sample of all.
MUTANTS ?= --sample 300

FAST_IGNORE := test_agents.py test_following_agents.py test_gpu_agents.py test_extreme_columns.py \
	benchmark/api/test_results.py benchmark/plots benchmark/reporting

# Shows what ran side by side one after another, where this make is able to.
TARGET_BY_TARGET := $(if $(filter output-sync,$(.FEATURES)),--output-sync)

# The theme's advertisement for its successor.
export NO_MKDOCS_2_WARNING = 1

# Tests start many processes: what one of them compiles, the others are not to compile again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install hooks demo benchmark docs test slow-tests fast fast-benchmark fast-others lint \
	ruff spelling types pytest mutants release

help:
	@echo "make demo       record data in one maze and train three agents for a few steps (under a minute)"
	@echo "make benchmark  compare the default agents on maze2d-umaze (about 29 minutes on 2 cores)"
	@echo "make test       run the linters, the type checker and the tests"
	@echo "make fast       linters, type checker, and the tests that start no process or environment and"
	@echo "                draw nothing, without those of all agents and the report (a minute on 2 cores)"
	@echo "make slow-tests run the tests of rare faults, which make test leaves out (15 minutes)"
	@echo "make mutants    put mistakes into the code, and count how many the tests notice (12 minutes)"
	@echo "make lint       run the linters, the speller and the type checker"
	@echo "make hooks      let git run them before each commit"
	@echo "make docs       build the documentation in build/site (Python 3.11 or later)"
	@echo "make release    build sdist and wheel of the last commit in dist/, and try the wheel alone"
	@echo "make install    only set up $(VENV)"

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $(CONSTRAINTS:%=--constraint %) --editable '.[docs,test]'
	touch $@

# The scores mean nothing; it ends with the path of the report.
demo: $(STAMP)
	$(BIN)/python -m benchmark.run --tasks maze2d-umaze --agents mage,bc,random --preset smoke \
		--data local --resume --out results/demo

benchmark: $(STAMP)
	$(BIN)/python -m benchmark.run --suite maze2d --tasks maze2d-umaze --preset quick --seeds 1 \
		--data local --resume --out results/maze2d-umaze-quick

docs: $(STAMP)
	$(BIN)/python -m docs.generate
	$(BIN)/mkdocs build

lint: ruff spelling types

ruff: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

spelling: $(STAMP)
	$(BIN)/codespell

types: $(STAMP)
	$(BIN)/mypy

# From then on git runs `make lint` before each commit; `git commit --no-verify` goes without.
hooks: $(STAMP)
	$(BIN)/python -m pip install --quiet $(CONSTRAINTS:%=--constraint %) pre-commit
	$(BIN)/pre-commit install

# Side by side: the type checker takes a minute of one core in a fresh clone, and seconds after
# that, when it has read most of the code before.
test: $(STAMP)
	$(MAKE) --jobs 2 lint pytest

# Tests side by side leave a core to each: two threads on two busy cores take twice as long as one.
pytest slow-tests fast-benchmark fast-others mutants: export OMP_NUM_THREADS = 1

# Three processes keep two cores busy, as those that start others wait for them now and then. The
# order is that of `tests/conftest.py`, which has the files that take longest first.
pytest: $(STAMP)
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

slow-tests: $(STAMP)
	$(BIN)/python -m pytest -m slow --numprocesses 2 --dist loadfile

# For the loop of a developer, without the checks of all agents and the tests of the report. Two
# runs, of half of the tests each: processes that share one run would each have to read all files.
fast: $(STAMP)
	$(MAKE) --jobs 2 $(TARGET_BY_TARGET) lint fast-benchmark fast-others

fast-benchmark: $(STAMP)
	$(BIN)/python -m pytest --quiet --fast $(FAST_IGNORE:%=--ignore tests/%) tests/benchmark

fast-others: $(STAMP)
	$(BIN)/python -m pytest --quiet --fast $(FAST_IGNORE:%=--ignore tests/%) --ignore tests/benchmark

mutants: $(STAMP)
	$(BIN)/python -m tests.mutants $(MUTANTS)

# Makes the environments that it needs itself.
release:
	$(PYTHON) -m tests.release
