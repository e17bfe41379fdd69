# Needs make and Python 3.11 or newer; everything else is installed into virtual environments beside this file.

PYTHON ?= python3
SERVE  ?= 1
SIZE   ?= 10000 200000
PYTEST_ARGS ?= -n 2 --dist loadfile

PIP_INSTALL = -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
RECIPE      = pyproject.toml constraints.txt Makefile $(wildcard starter/pyproject.toml reranker/pyproject.toml)
BENCH_ARGS  ?=

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench docs clean python

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv-demo/ready  ## Open the sample store, show a dozen queries, serve the API (SERVE=0: do not serve)
	@SERVE=$(SERVE) .venv-demo/bin/openaisle demo

test: .venv-test/ready  ## Run the tests
	@.venv-test/bin/python -m pytest $(PYTEST_ARGS)

lint: .venv-test/ready  ## Check style, types and layers
	.venv-test/bin/ruff check .
	.venv-test/bin/ruff format --check .
	.venv-test/bin/mypy
	.venv-test/bin/lint-imports

bench: .venv-bench/ready  ## Measure against other engines (SIZE="10000 200000"; needs the Home Depot titles)
	.venv-bench/bin/python -m bench.run --size $(SIZE) $(BENCH_ARGS)
	.venv-bench/bin/python -m bench.end_to_end

docs: .venv-docs/ready  ## Build the documentation into site/
	.venv-docs/bin/mkdocs build --strict

clean:  ## Remove virtual environments and everything that was built
	rm -rf .venv-demo .venv-test .venv-bench .venv-docs build dist site demo-shop bench/work \
	       .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv-demo/ready: $(RECIPE) | python
	$(call fresh_environment,.venv-demo)
	.venv-demo/bin/python $(PIP_INSTALL) --editable ./starter --editable .
	@touch $@

.venv-test/ready: $(RECIPE) | python
	$(call fresh_environment,.venv-test)
	.venv-test/bin/python $(PIP_INSTALL) --group test --group lint --editable ./starter --editable ./reranker --editable '.[behaviour,train]'
	@touch $@

.venv-bench/ready: $(RECIPE) bench/requirements.txt | python
	$(call fresh_environment,.venv-bench)
	.venv-bench/bin/python $(PIP_INSTALL) psutil --editable ./starter --editable .
	@while read -r rival; do \
	  .venv-bench/bin/python $(PIP_INSTALL) $$rival || echo "bench: not installed, so not measured: $$rival"; \
	done < bench/requirements.txt
	@touch $@

.venv-docs/ready: pyproject.toml constraints.txt Makefile | python
	$(call fresh_environment,.venv-docs)
	.venv-docs/bin/python $(PIP_INSTALL) --group docs
	@touch $@

# A new environment with a pip that knows dependency groups (25.1), whatever pip the system's Python brings.
define fresh_environment
	@echo "Preparing $(1) (once; a minute or two)"
	@rm -rf $(1)
	@$(PYTHON) -m venv $(1) || { echo "Cannot make a virtual environment. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
endef

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "OpenAisle needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
