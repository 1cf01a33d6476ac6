.DEFAULT_GOAL := help
PY ?= python3
BIN := .venv/bin

help: ## what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.venv/.ready: pyproject.toml constraints.txt
	$(PY) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

.venv/.bench: .venv/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	@touch $@

demo: .venv/.ready ## set up, then tell the whole story on the sandbox
	$(BIN)/imagefence demo

test: .venv/.ready ## set up, then run every test
	$(BIN)/python -m pytest -n 2

check: .venv/.ready ## formatting, lint, strict types, import contracts, docs
	$(BIN)/ruff format --check src tests bench docs tools
	$(BIN)/ruff check src tests bench docs tools
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house

format: .venv/.ready ## format the code and fix what lint can fix
	$(BIN)/ruff format src tests bench docs tools
	$(BIN)/ruff check --fix src tests bench docs tools

docs: .venv/.ready ## write the pages that follow from the code
	$(BIN)/python docs/generate.py

catalogue: .venv/.ready ## refresh the catalogue of actions and keys from the vendor's SDK packages
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,catalogue]'
	$(BIN)/python tools/catalogue.py

mutate: .venv/.ready ## test the tests of the policy core by mutants
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,mutate]'
	$(BIN)/python -m tests.mutation

bench-policy: .venv/.bench ## measure the policy engine against its peers
	$(BIN)/python -m bench decide bulk

bench-sandbox: .venv/.bench ## measure the sandbox against moto's server and a bare one
	$(BIN)/python -m bench sandbox

soak: .venv/.ready ## hold readable and compiled decisions together on 200,000 pairs
	$(BIN)/python -m tests.soak

fuzz: .venv/.ready ## hostile input for parser, patterns and evaluators, bounded
	$(BIN)/python -m tests.fuzz

bench: .venv/.bench ## measure against peers; a missed target exits non-zero
	$(BIN)/python -m bench

wheel: .venv/.ready ## build the wheel, install it into an empty environment, run it
	rm -rf dist build
	$(BIN)/python -m build --wheel
	$(PY) -m venv build/wheel-env
	build/wheel-env/bin/pip install --quiet -c constraints.txt dist/*.whl
	build/wheel-env/bin/imagefence --version

constraints: ## refresh constraints.txt to what the newest versions are today
	rm -rf build/constraints-env
	$(PY) -m venv build/constraints-env
	build/constraints-env/bin/pip install --quiet -e '.[dev,bench,catalogue,mutate]'
	build/constraints-env/bin/pip list --format=freeze --exclude-editable | grep -viE '^(pip|setuptools|imagefence)==' | LC_ALL=C sort -f > constraints.txt

.PHONY: help demo test check format docs catalogue mutate soak fuzz bench bench-policy bench-sandbox wheel constraints
