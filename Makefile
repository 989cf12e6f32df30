# `make run` and `make test` are all that is needed; `make help` lists the rest.
#
# Everything is set up in $(VENV), once: a stamp there is newer than what it was made from.

VENV   ?= .venv
PYTHON ?=
CFG    ?=
L      ?=
ARGS   ?=
# Processes that run tests side by side.
WORKERS ?= auto

bin      := $(VENV)/bin
package  := src/sipway
# What is compiled: .pyx, and .py with a .pxd but no .pyx beside it (src/sipway/_build.py says
# the same).
pxd      := $(shell find $(package) -name '*.pxd')
pyx      := $(shell find $(package) -name '*.pyx')
compiled := $(pxd) $(pyx) $(filter-out $(pyx:.pyx=.py),$(wildcard $(pxd:.pxd=.py)))
# Suites that exercise no compiled file, or both builds by themselves, or measure; run once.
one_build := bench cli compat fuzz language packaging stores tools
side_by_side := -n $(WORKERS) --dist loadgroup

pip := $(bin)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation

.DELETE_ON_ERROR:
.PHONY: help run test unit lint bench build clean

help:
	@echo 'make run                 start the server with the script built into it, on port 5060'
	@echo 'make run CFG=my.cfg L=udp:127.0.0.1:5070'
	@echo '                         start it with another script, on another socket'
	@echo 'make test                run the tests, on the compiled and on the uncompiled build'
	@echo 'make unit                only the tests that need no network and no other program'
	@echo 'make lint                ruff, mypy --strict and the rules on who imports whom'
	@echo 'make bench               measure against Kamailio; ARGS=--write keeps it in bench/RESULTS.md'
	@echo 'make build               set up $(VENV) and compile'
	@echo 'make clean               remove what was built, and $(VENV)'
	@echo
	@echo 'PYTHON=python3.13 chooses the Python for a new $(VENV); ARGS=... goes to sipway or pytest.'

run: $(VENV)/.built
	@exec $(bin)/sipway run $(CFG) $(addprefix -l ,$(L)) $(ARGS)

test: $(VENV)/.built $(VENV)/.test-tools
	$(bin)/python -m pytest $(side_by_side) $(ARGS)
	@if $(bin)/python -c 'import sys, sipway; sys.exit(not sipway.BUILD.compiled)'; then \
	    set -x; SIPWAY_PURE=1 $(bin)/python -m pytest $(side_by_side) $(one_build:%=--ignore=tests/%) $(ARGS); \
	 else \
	    echo 'There is no compiled build here: the tests above ran uncompiled.'; \
	 fi

unit: $(VENV)/.built $(VENV)/.test-tools
	$(bin)/python -m pytest $(side_by_side) -m 'not live' $(ARGS)

lint: $(VENV)/.built $(VENV)/.lint-tools
	$(bin)/ruff check
	$(bin)/mypy
	$(bin)/lint-imports

bench: $(VENV)/.built
	$(bin)/python bench/run.py $(ARGS)

# Asked for by name, it looks at the contents of the files and not only at their times.
build: $(VENV)/.built
	@$(bin)/python setup.py --quiet build_ext --inplace
	@$(bin)/python -c 'import sipway; print(sipway.BUILD)'

clean:
	rm -rf $(VENV) build dist src/*.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	    .import_linter_cache
	find src tests bench examples -name __pycache__ -type d -prune -exec rm -rf {} +
	find $(package) \( -name '*.so' -o -name '*.c' -o -name '_build.*.json' \) -delete

# The first python3 that is new enough and works (a pyenv shim may be on PATH and not work).
$(VENV)/.python:
	@echo 'Setting up $(VENV), once; most of the few minutes is compiling ...'
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        found=$$python; break; \
	    fi; \
	 done; \
	 if [ -z "$$found" ]; then \
	    echo 'sipway needs Python 3.11 or later: no $(or $(PYTHON),python3) here is one.' >&2; exit 1; \
	 fi; \
	 $$found -m venv $(VENV) || \
	    { echo 'No virtual environment; on Debian: apt install python3-venv' >&2; exit 1; }
	@touch $@

$(VENV)/.built: $(VENV)/.python pyproject.toml setup.py $(compiled)
	@$(pip) 'setuptools>=77' wheel 'Cython>=3.1,<4'
	@$(bin)/python setup.py --quiet build_ext --inplace
	@$(pip) 'rich>=13' 'dnspython>=2.7' 'lmdb>=2.1.1'
	@$(pip) --only-binary google-re2 google-re2 || \
	    echo 'google-re2 has no wheel for this machine: sipway searches long texts in part only.'
	@$(pip) --no-deps --editable .
	@touch $@

$(VENV)/.test-tools: $(VENV)/.built
	@$(pip) --editable '.[test]'
	@touch $@

$(VENV)/.lint-tools: $(VENV)/.built
	@$(pip) --editable '.[lint]'
	@touch $@
