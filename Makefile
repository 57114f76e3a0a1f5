# Everything that people and CI run. A machine needs Python 3.11 or newer and make, nothing else.
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
RUN_READY := .venv/run.ready
DEV_READY := .venv/dev.ready
.PHONY: help run test check format lock browser bench bench-match wheel clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(RUN_READY) ## try it: the demo on http://127.0.0.1:3978
	@$(BIN)/firstline demo

test: $(DEV_READY) browser ## everything: what `check` runs, and all tests
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest

check: $(DEV_READY) ## the fast part: format, lint, types, import rules, content
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --cache-dir .import_linter_cache
	@$(BIN)/firstline check
	@$(BIN)/firstline evaluate tests/fixtures/questions.jsonl --max-wrong 0.05

format: $(DEV_READY) ## put the code in form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

browser: ## install Debian's Chromium where the machine allows it; the tests' summary names what was skipped
	@command -v chromium >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || \
		echo "Chromium could not be installed: the browser tests will be skipped."

bench: $(DEV_READY) ## measure acknowledgements, start and memory (minutes; ARGS="--only slack" for a part)
	@$(BIN)/python -m bench.main $(ARGS)

bench-match: $(DEV_READY) ## measure the matcher beside other search engines (minutes)
	@$(BIN)/python -m bench.match $(ARGS)

lock: $(DEV_READY) ## lock the dependencies anew (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-emit-index-url --no-emit-find-links -q --custom-compile-command "make lock" -o requirements/run.txt
	uv pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-emit-index-url --no-emit-find-links -q --custom-compile-command "make lock" -o requirements/dev.txt

wheel: $(DEV_READY) ## build the wheel into dist/
	@$(BIN)/pip wheel -q --no-deps --no-build-isolation -w dist .

clean: ## remove the environment and caches
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "Firstline needs Python 3.11 or newer: install it and try again."; exit 1; }
	@echo "Making the environment in .venv with $(PYTHON) ..."
	@$(PYTHON) -m venv .venv || { echo "On Debian and Ubuntu: apt-get install python3-venv, then try again."; exit 1; }

$(RUN_READY): requirements/run.txt pyproject.toml | .venv/bin/python
	@[ -f $(DEV_READY) ] || { echo "Installing locked dependencies (a minute the first time) ..."; \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_READY): requirements/dev.txt pyproject.toml | .venv/bin/python
	@echo "Installing locked development dependencies (a minute or two the first time) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(RUN_READY)
