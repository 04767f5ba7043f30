# Every target makes and uses .venv in the checkout; nothing else has to be installed first.
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= 1

.PHONY: demo test lint types contracts bench lock clean help

help:
	@echo "make demo     load the example portfolio, export, validate, flag evaluations, start the service (SERVE=0: do not start it)"
	@echo "make test     run every test, on SQLite and on PostgreSQL"
	@echo "make lint     style, types and import contracts"
	@echo "make bench    speed and memory, with what they are compared with"

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Earmark needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

.venv/base.stamp: requirements/base.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/base.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: .venv/base.stamp
	@$(BIN)/python -m app.demo $(if $(filter 0,$(SERVE)),--no-serve)

test: .venv/dev.stamp
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev.stamp
	$(BIN)/python -m tests.bench $(ARGS)

lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml --group build -o requirements/base.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml --group dev -o requirements/dev.txt

clean:
	rm -rf .venv build dist demo *.egg-info
