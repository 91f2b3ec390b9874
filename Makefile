# Everything here works on a fresh clone. `make` alone says what there is.
PY := .venv/bin/python
RUN := .venv/bin

# Some containers forbid Python to keep what it has compiled; then each of the suite's processes would compile us again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo servers test torture pytest gates fast lint types layers fmt golden docs reader evaluate fuzz bench bench-quick bench-peers lock wheel clean

help:  ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: .venv/all.stamp  ## a .venv with everything, tests included

.venv/all.stamp: requirements.lock setup.cfg pyproject.toml .ci/setup.sh
	@.ci/setup.sh all

.venv/demo.stamp: requirements-demo.lock setup.cfg pyproject.toml .ci/setup.sh
	@.ci/setup.sh demo

demo: .venv/demo.stamp  ## forty prospects, two reps, fourteen months in about a minute, on embedded mail servers
	@$(RUN)/followupd demo $(ARGS)

servers:
	@.ci/servers.sh

test: setup lint servers pytest gates  ## everything: lint, types, layers and all tests on real servers

pytest:
	@$(RUN)/pytest -q -n 3 --dist worksteal $(ARGS)

gates: setup servers  ## speed beside the floors, at a tenth of the size: half of what is promised, on a machine that does nothing else
	@$(RUN)/pytest -q tests/bench/test_gates.py

torture: setup servers  ## every fault of the matrix, the long rings included; prints one table
	@$(RUN)/pytest -q -n 2 --dist worksteal --torture -m fault $(ARGS)

fast: setup  ## the tests that need no server, in seconds
	@$(RUN)/pytest -q -n 2 -m "not slow" $(ARGS)

lint: setup types layers  ## ruff, spelling, types and layers
	@$(RUN)/ruff check --quiet .
	@$(RUN)/ruff format --quiet --check . || { echo "make fmt puts this right"; exit 1; }
	@$(RUN)/codespell

types: setup
	@$(RUN)/mypy --no-error-summary

layers: setup
	@$(RUN)/lint-imports --no-logo >.venv/layers.txt 2>&1 || { cat .venv/layers.txt; exit 1; }

fmt: setup  ## lays out the code and mends what can be mended
	@$(RUN)/ruff check --quiet --fix-only .
	@$(RUN)/ruff format --quiet .

golden: setup  ## writes the golden mails again; then look at the difference
	@$(RUN)/pytest -q tests/golden tests/cli --golden
	@git --no-pager diff --stat -- tests/golden tests/cli/golden

docs: setup  ## writes lifecycle.md and the schemas again, from the code
	@$(PY) docs/generate.py

reader: setup  ## learns the statistical reader again, from training/replies
	@$(PY) training/train.py

evaluate: setup  ## how well replies are read: what is kept back, or the files in ARGS
	@$(PY) training/evaluate.py $(ARGS)

FUZZ_SECONDS ?= 3600

fuzz: setup  ## tries all parsers with made-up input for FUZZ_SECONDS (an hour); what breaks one lands in tests/fuzz/found/
	@$(PY) -m tests.fuzz.run $(FUZZ_SECONDS) $(ARGS)

PEERS ?= .peers

bench: setup servers  ## measures everything beside its floors and peers (an hour); writes bench/result.md, .svg and .json
	@$(RUN)/followupd bench $(ARGS) --peers $(PEERS) --baseline bench/baseline.json --markdown bench/result.md --svg bench/result.svg --json bench/result.json

bench-quick: setup servers  ## the same at a tenth of the size, one round, in three minutes
	@$(RUN)/followupd bench --quick $(ARGS) --peers $(PEERS) --baseline bench/baseline.json

bench-peers: setup  ## installs the peers from PyPI and npm into .peers
	@$(RUN)/followupd bench --setup-peers $(PEERS)

lock: setup  ## pins every dependency again, with hashes
	@.ci/lock.sh

wheel: setup  ## builds the package into dist/
	@$(RUN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean:  ## removes what make made
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
