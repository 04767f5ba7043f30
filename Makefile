# Every target makes and uses .venv in the checkout; nothing else has to be installed first.
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= 1
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --require-hashes
LOCK = uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-header --no-annotate --python-version 3.11

.PHONY: demo test deep kills cluster crawl coverage lint style types contracts fix bench lock clean help

help:
	@echo "make demo     load the example portfolio, export, validate, flag evaluations, start the service (SERVE=0: do not start it)"
	@echo "make test     run every test, on SQLite and on PostgreSQL"
	@echo "              (ARGS='tests/cli -k import': some of them)"
	@echo "make deep     the tests that draw what they try, requests to every route among them: ten times the examples, others each time"
	@echo "              (EXAMPLES=50: so many times; SEED=…: those of an earlier run; ARGS='tests/http/test_contract.py': some of them)"
	@echo "make kills    kill each command that writes, 200 times on each database, and compare (KILLS=50: so often)"
	@echo "make cluster  PostgreSQL with standby, pooler, proxy, three web processes and two workers: one after the other is killed"
	@echo "              (CLUSTER_SECONDS=60 CLUSTER_PROJECTS=2000 make cluster: a smaller one)"
	@echo "make crawl    follow every link of the pages as everybody, in three languages, and send every form"
	@echo "              (CRAWL_RECORDS=2 make crawl: some records of each kind; see tests/crawl)"
	@echo "make coverage run every test and show which lines none of them reaches"
	@echo "make lint     style, types and import contracts"
	@echo "make fix      mend what can be mended of style"
	@echo "make lock     pin what pyproject.toml asks for (needs uv; ARGS=--upgrade: the newest releases)"
	@echo "make bench    speed and memory, with what they are compared with"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Earmark needs Python 3.11 or newer; name one: make PYTHON=python3.12 …") if sys.version_info < (3, 11) else None'
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv

# A Python may bring a pip that is years old: the pinned one comes first, and installs everything else.
.venv/pip.stamp: requirements/pip.txt | .venv/bin/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	@$(INSTALL) --quiet -r requirements/pip.txt
	@touch $@

.venv/base.stamp: requirements/base.txt pyproject.toml .venv/pip.stamp
	@echo "Installing what Earmark needs into .venv: a minute or two the first time"
	@$(INSTALL) -r requirements/base.txt
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/base.stamp
	@echo "Installing what the tests and checks need into .venv: a minute or two the first time"
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

demo: .venv/base.stamp
	@$(BIN)/python -m app.demo $(if $(filter 0,$(SERVE)),--no-serve)

test: .venv/dev.stamp
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

deep: .venv/dev.stamp
	@seed=$${SEED:-$$(date +%s)}; again="make deep SEED=$$seed EXAMPLES=$(or $(EXAMPLES),10)$(if $(ARGS), ARGS='$(ARGS)')"; echo "To see the same examples again: $$again"; \
	EARMARK_EXAMPLES=$(or $(EXAMPLES),10) EARMARK_SEED=$$seed \
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "hypothesis or drawn" --hypothesis-seed=$$seed $(ARGS) \
	|| { echo "To see the same examples again: $$again"; exit 1; }

kills: .venv/dev.stamp
	EARMARK_KILLS=$(or $(KILLS),200) $(BIN)/python -m pytest -n 2 --dist load -rP -m kills tests/kills $(ARGS)

cluster: .venv/dev.stamp
	$(BIN)/python -m tests.cluster

crawl: .venv/dev.stamp
	$(BIN)/python -m tests.crawl

coverage: .venv/dev.stamp
	$(BIN)/python -m pytest -n 2 --dist loadgroup --cov --cov-report=term $(ARGS)

lint: style types contracts

style: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.stamp
	$(BIN)/mypy

contracts: .venv/dev.stamp
	$(BIN)/lint-imports

fix: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev.stamp
	$(BIN)/python -m tests.bench $(ARGS)

# Pins stand for forms with extras too (coverage[toml]): an older pip does not carry a pin over to them.
lock:
	$(LOCK) $(ARGS) --group installer -o requirements/pip.txt
	$(LOCK) $(ARGS) pyproject.toml --group build -o requirements/base.txt
	$(LOCK) $(ARGS) pyproject.toml --group dev -o requirements/dev.txt

clean:
	rm -rf .venv build dist demo *.egg-info
