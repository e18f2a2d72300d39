# Every target sets up what it needs; nothing is assumed but Python 3.11 with venv, make and git.
PYTHON ?= python3
VENV ?= .venv
DEMO ?= .venv-demo
PEERS ?= .venv-peers
SUITE ?= .venv-peer-suite
SITE ?= .venv-docs
BIN := $(VENV)/bin
INSTALL := -m pip --disable-pip-version-check install -qq
PURE := src/paceline/guard/*,src/paceline/suite/*,src/paceline/stats/*,src/paceline/model/*,src/paceline/options.py,src/paceline/units.py,src/paceline/errors.py
PURE_TESTS = tests/unit/guard tests/unit/suite tests/unit/stats tests/unit/model $(wildcard tests/unit/test_*.py) tests/oracle
GENERATED := src/paceline/plugin/flags.py docs/options.md docs/exit-codes.md docs/glossary.md docs/metrics.md docs/errors.md docs/schema.md docs/command-line.md
SOURCES := $(shell find src -name '*.py') pyproject.toml README.md
KILLS ?= 200
HOURS ?= 1
BLOCKS ?= $(if $(BOUNDED),8 --cost-blocks 4,40 --cost-blocks 60)

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-peers coverage check generate docs docs-serve screenshots postgresql postgresql-speed kill-test accuracy cost gate real-project change-points instructions schedule forked-figures suite-speed public-suites resource-cost memory-accuracy leak-truth peer-suite drop-in-projects lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(DEMO)/.installed ## run, judge and report the example's performance suite
	@mkdir -p report
	@cd examples/scoring && $(abspath $(DEMO))/bin/python -m pytest performance --paceline \
	  -p no:cacheprovider --paceline-write $(CURDIR)/report/paceline.md \
	  --paceline-write $(CURDIR)/report/paceline.json
	@echo; echo "and two variants side by side, one of which hashes a tenth more often:"
	@cd examples/scoring && { $(abspath $(DEMO))/bin/python -m paceline ab \
	  --base variant=released --head variant=candidate -- variants || test $$? -eq 11; }

test: $(VENV)/.ready ## run the tests
	@$(BIN)/python -m pytest -m "not slow" --paceline-workers=auto

test-slow: $(VENV)/.ready ## run the tests that take more than 0.25 s
	@$(BIN)/python -m pytest -m slow --paceline-workers=auto

test-peers: $(PEERS)/.ready ## run the tests that need other plugins beside us
	@$(PEERS)/bin/python -m pytest -p no:asyncio -p no:randomly tests/peers tests/unit/probes/test_native.py

check: $(VENV)/.ready ## check everything but the tests: lint, types, ladder, generated pages, coverage
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@$(call hush,$(BIN)/lint-imports --no-logo)
	@$(BIN)/vulture
	@$(call hush,$(BIN)/deptry src)
	@$(BIN)/codespell
	@$(BIN)/zizmor --offline --quiet --no-progress .github
	@$(BIN)/cog --check --verbosity=0 -I . --check-fail-msg="run make generate" $(GENERATED)
	@$(call hush,$(BIN)/towncrier build --draft --version next)
	@$(MAKE) --no-print-directory coverage
	@echo "check: all clean"

coverage: $(VENV)/.ready ## hold the pure rungs to 100 % branch coverage
	@rm -f .coverage .coverage.*
	@$(call hush,$(BIN)/coverage run -m pytest -p no:cacheprovider -m "not slow" $(PURE_TESTS))
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --skip-covered --fail-under=100 --include='$(PURE)'

generate: $(VENV)/.ready ## write the flag table and the generated parts of the pages anew
	@$(BIN)/cog -r --verbosity=1 -I . $(GENERATED)

docs: $(SITE)/.ready ## build the site into site/, strictly: no broken link or anchor, nothing from elsewhere
	@# not --quiet: what it does not say, strictness does not count
	@$(call hush,NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs build --strict); printf '%s\n' "$$said" | grep ^docs:

docs-serve: $(SITE)/.ready ## serve the site on this machine and build it anew when a page changes
	@NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs serve --no-strict --dev-addr 127.0.0.1:8000

screenshots: $(VENV)/.ready ## draw the pictures of the terminal anew (docs/images)
	@PACELINE_UPDATE_SNAPSHOTS=1 $(BIN)/python -m pytest -q -p no:cacheprovider tests/docs/test_docs_screenshots.py

postgresql: $(VENV)/.ready ## run the tests of the store on a real PostgreSQL server
	@$(BIN)/python -m pytest tests/postgresql

postgresql-speed: $(VENV)/.ready ## ask a million rows on a server what a dashboard asks, beside SQLite
	@$(BIN)/python benchmarks/store_postgresql.py $(if $(BOUNDED),--bounded)

kill-test: $(VENV)/.ready ## kill two writers at random moments and look for lost runs (KILLS=200)
	@$(BIN)/python benchmarks/store_kill.py --kills $(KILLS)

accuracy: $(PEERS)/.ready ## hold figures and cost against the truth and pytest-benchmark (a quarter of an hour)
	@$(PEERS)/bin/python benchmarks/accuracy.py --blocks $(BLOCKS)

cost: $(VENV)/.ready ## count the instructions that an idle plugin adds to a test (needs valgrind)
	@$(BIN)/python benchmarks/idle_cost.py

gate: $(PEERS)/.ready ## record suites of equal and of slowed code, with the peers, for HOURS; then say what they show
	@$(PEERS)/bin/python benchmarks/gate.py --record gate.jsonl --hours $(HOURS)
	@$(PEERS)/bin/python benchmarks/gate.py --report gate.jsonl

real-project: $(VENV)/.ready ## compare two releases of a real project, and one with itself but for comments
	@$(BIN)/python benchmarks/real_project.py --instructions

change-points: $(PEERS)/.ready ## hold change points against labels, Otava and asv beside us (DATA=folder)
	@$(PEERS)/bin/python benchmarks/change_points.py $(if $(DATA),--data $(DATA))

instructions: $(VENV)/.ready ## count twelve bodies in many processes: spread, and one per cent more (needs valgrind)
	@$(BIN)/python benchmarks/instructions.py

suite-speed: $(VENV)/.ready ## measure whole suites beside plain pytest, pytest-xdist and the bound
	@$(BIN)/python benchmarks/suite_speed.py $(if $(BOUNDED),--bounded)

public-suites: $(VENV)/.ready ## fetch public test suites at pinned releases
	@$(BIN)/python benchmarks/public_suites.py

schedule: $(VENV)/.ready ## simulate plans at 4 to 64 workers beside xdist's schedulers
	@$(BIN)/python benchmarks/schedule.py --seeds 3

forked-figures: $(VENV)/.ready ## hold a benchmark's figure in a forked worker to that of one process
	@$(BIN)/python benchmarks/forked_figures.py $(if $(BOUNDED),--rounds 3)

resource-cost: $(PEERS)/.ready ## measure what the always-on records cost a test
	@$(PEERS)/bin/python benchmarks/resource_cost.py $(if $(BOUNDED),--pairs 4)

memory-accuracy: $(PEERS)/.ready ## hold memory figures against calibrated allocations, memray and psutil beside us
	@$(PEERS)/bin/python benchmarks/memory_accuracy.py --repeat $(if $(BOUNDED),1,3)

leak-truth: $(PEERS)/.ready ## hold leak checks against cases of known truth, with the peers (SET=unseen)
	@$(PEERS)/bin/python benchmarks/leak_truth.py --set $(or $(SET),building) $(if $(BOUNDED),--bounded,--peers $(PEERS)/bin/python)

peer-suite: $(SUITE)/.ready ## run pytest-benchmark's own behavioural tests against us
	@$(SUITE)/bin/python benchmarks/peer_suite.py

drop-in-projects: $(VENV)/.ready ## run public projects' benchmark suites under pytest-benchmark and us
	@$(BIN)/python benchmarks/drop_in_projects.py $(if $(BOUNDED),--only lazy-object-proxy --runs 2)

lock: $(VENV)/.ready ## compile the requirement files with hashes
	@cd requirements && for name in build use dev peers peer-suite drop-in-projects docs; do $(abspath $(BIN))/uv pip compile --quiet \
	  --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --no-emit-find-links $$name.in --output-file $$name.txt || exit 1; done

clean: ## remove environments, caches and reports
	rm -rf $(VENV) $(DEMO) $(PEERS) $(SUITE) $(SITE) site report .coverage .coverage.* .hypothesis .*_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.ready: requirements/build.txt requirements/dev.txt pyproject.toml
	@$(call create,$(VENV))
	@$(VENV)/bin/python $(INSTALL) --require-hashes -r requirements/dev.txt
	@$(VENV)/bin/python $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(PEERS)/.ready: requirements/build.txt requirements/peers.txt pyproject.toml
	@$(call create,$(PEERS))
	@$(PEERS)/bin/python $(INSTALL) --require-hashes -r requirements/peers.txt
	@$(PEERS)/bin/python $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(SITE)/.ready: requirements/build.txt requirements/docs.txt
	@$(call create,$(SITE))
	@$(SITE)/bin/python $(INSTALL) --require-hashes -r requirements/docs.txt
	@touch $@

$(SUITE)/.ready: requirements/build.txt requirements/peer-suite.txt pyproject.toml compat/pyproject.toml
	@$(call create,$(SUITE))
	@$(SUITE)/bin/python $(INSTALL) --require-hashes -r requirements/peer-suite.txt
	@$(SUITE)/bin/python $(INSTALL) --no-deps --no-build-isolation --editable . --editable compat
	@touch $@

$(DEMO)/.ready: requirements/build.txt requirements/use.txt
	@$(call create,$(DEMO))
	@$(DEMO)/bin/python $(INSTALL) --require-hashes -r requirements/use.txt
	@touch $@

$(DEMO)/.installed: $(DEMO)/.ready $(SOURCES)
	@$(DEMO)/bin/python $(INSTALL) --force-reinstall --no-deps --no-build-isolation .
	@touch $@

# Say nothing but what failed.
hush = said=$$($(1) 2>&1) || { printf '%s\n' "$$said"; exit 1; }

define create
echo "setting up $(1) …"; \
$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)' \
&& $(PYTHON) -m venv $(1) && $(1)/bin/python $(INSTALL) --require-hashes -r requirements/build.txt
endef
