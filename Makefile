# `make help` lists what there is. Every target sets up what it needs by itself.

BIN := .venv/bin
PACKAGE_INDEX_FREE := --no-emit-index-url --no-emit-find-links --no-header --no-annotate
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help setup run explorer test test-clients test-explorer check format lint types floors snapshot contract lint-schema schema clients migrate seed fuzz bench soak lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## the virtual environment .venv, as requirements.lock says
	@.ci/setup

# Without this, a killed make would leave Sokoni behind: it ends (signal 15) when its parent, make, does.
run: setup ## Sokoni with an embedded PostgreSQL and Valkey, on SOKONI_PORT, data in SOKONI_DATA_DIR
	@exec $(BIN)/python -I -S app/embedded/launch.py same $$PPID 15 $(BIN)/sokoni run

explorer: setup ## the explorer at `/`, which `make run` builds as well
	@$(BIN)/sokoni explorer

test: setup ## every test of the house, on servers of their own; TESTS=tests/domain chooses
	@$(BIN)/pytest -q $(or $(TESTS),--ignore=tests/clients --ignore=tests/explorer)

test-clients: setup ## clients that real apps use, from npm and PyPI, against a running server
	@$(BIN)/pytest -q tests/clients

test-explorer: explorer ## the explorer in a headless Chromium; leaves build/explorer.png
	@$(BIN)/pytest -q tests/explorer

check: format lint types floors snapshot contract lint-schema ## format, lint, types, floors, the schema: snapshot, promises, linter

format: setup
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted; run: $(BIN)/ruff format ."; exit 1; }

lint: setup
	@$(BIN)/ruff check --quiet .

types: setup
	@$(BIN)/mypy

floors: setup
	@$(BIN)/lint-imports --no-logo

snapshot: setup
	@$(BIN)/python -m app.cli schema --check

contract: setup
	@$(BIN)/python -m app.cli schema diff

lint-schema: setup
	@$(BIN)/python -m app.cli schema lint

schema: setup ## rewrite schema/schema.graphql, docs/events.md and docs/money.md
	@$(BIN)/sokoni schema

clients: setup ## typed clients from schema/documents/: TypeScript, the input for Dart's generators, the manifest of ids
	@$(BIN)/python -m clients

migrate: setup ## bring the database to the newest revision
	@$(BIN)/sokoni migrate

seed: setup ## demo people, categories, listings and funded wallets
	@$(BIN)/sokoni seed

fuzz: setup ## anything that anybody may send, 5 000 times, as a table; FUZZ_REQUESTS chooses
	@FUZZ_REQUESTS=$${FUZZ_REQUESTS:-5000} $(BIN)/pytest -q tests/flows/fuzz

bench: setup ## the measured speeds, as a table; WHAT=live chooses (memory, endpoint, access, callbacks, live, ledger, queries, fanout)
	@$(BIN)/python -m bench $(WHAT)

soak: setup ## endurance, as a table; fails when anything was lost; WHAT=fire chooses (fire, peers, crowd)
	@$(BIN)/python -m soak $(WHAT)

lock: setup ## every requirements.lock anew
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(BIN)/python -m venv "$$folder" && "$$folder/bin/pip" install --quiet --disable-pip-version-check uv && \
	"$$folder/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes $(PACKAGE_INDEX_FREE) \
		--extra dev --output-file requirements.lock pyproject.toml && \
	"$$folder/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes $(PACKAGE_INDEX_FREE) \
		--output-file tests/clients/ariadne/requirements.lock tests/clients/ariadne/requirements.in

clean: ## everything that was made, except the data
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +
