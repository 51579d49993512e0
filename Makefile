# One-word commands, the same here and in CI. Everything they need is set up in .venv first.
.PHONY: quick test check docs format fuzz bench peers asv roofline roofline-page results validation clean

PYTHON ?= python3
BIN := .venv/bin
RESULTS ?= results/quick
COMMITS ?= HEAD -3

quick: .venv/ready          ## every solver on small problems, then the leaderboard
	$(BIN)/kineticbench run quick --results $(RESULTS)

test: .venv/ready           ## all tests, two at a time; tests/conftest.py says which never are
	$(BIN)/python -m pytest --numprocesses 2 --benchmark-disable

check: .venv/ready          ## lint and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

docs: .venv/ready           ## the documentation, to docs/_build/html/index.html; a warning is an error
	$(BIN)/python -m sphinx --quiet --jobs auto --fail-on-warning --fresh-env --write-all \
	  --doctree-dir docs/_build/doctrees docs docs/_build/html

validation: .venv/ready     ## small runs whose orders of convergence the documentation shows; about a minute
	$(BIN)/python -m benchmarks.validation

format: .venv/ready         ## rewrite the code in the house's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

fuzz: .venv/ready           ## files of any content to all that reads strangers' files, about ten minutes; INPUTS=12500
	PYTHONPATH=tests/support $(BIN)/python -m fuzzing --inputs $(or $(INPUTS),12500)
	$(BIN)/python -m benchmarks.fuzz_score --inputs $(or $(INPUTS),12500)

# The first run on a machine is the baseline of later ones; `rm -r .benchmarks` forgets it.
BASELINE = $(wildcard .benchmarks/*/0001_*.json)
bench: .venv/ready          ## micro benchmarks; 1 where a median is more than 25 % above the baseline's
	@$(if $(BASELINE),,echo "Nothing to compare with yet: this run becomes the baseline.")
	$(BIN)/python -m pytest benchmarks/micro --benchmark-only -o python_files='bench_*.py' --benchmark-autosave \
	  $(if $(BASELINE),--benchmark-compare=0001 --benchmark-compare-fail=median:25%) $(BENCH)

roofline: .venv/ready       ## how near hot kernels come to what this machine can do
	$(BIN)/python -m benchmarks.roofline

roofline-page: .venv/ready  ## docs/roofline.md from benchmarks/roofline/official.json
	$(BIN)/python -m benchmarks.roofline --from benchmarks/roofline/official.json --page > docs/roofline.md

peers: .venv-peers/ready    ## our code beside its peers, to docs/performance.md; about a quarter of an hour
	.venv-peers/bin/python -m benchmarks.peers

asv: .venv/ready            ## time, memory and accuracy of the last commits that lack them, as pages in .asv/html
	$(BIN)/asv machine --yes
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/asv run --skip-existing-commits "$(COMMITS)"; \
	  failed=$$?; $(BIN)/asv publish && $(BIN)/python benchmarks/pages.py .asv/html && exit $$failed

results: .venv/ready        ## README, its picture and leaderboard/README.md from leaderboard/records
	$(BIN)/kineticbench leaderboard readme leaderboard/records
	$(BIN)/kineticbench leaderboard build leaderboard/records --picture docs/picture.svg --dataset gaussian_ensemble:generator=sheets

# A plain `pip install torch` may bring a GPU build of several gigabytes; constraints.txt pins one that need not.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[docs]' --group dev
	@touch $@

# The peers see all that is in .venv, and what they bring stays out of it.
.venv-peers/ready: .venv/ready benchmarks/peers/constraints.txt
	$(BIN)/python -m venv .venv-peers
	.venv-peers/bin/python -c 'import pathlib, sys, sysconfig; \
	  pathlib.Path(sysconfig.get_path("purelib"), "shared.pth").write_text("\n".join(sys.argv[1:]) + "\n")' \
	  "$(CURDIR)/src" "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	.venv-peers/bin/python -m pip install --quiet --upgrade pip
	.venv-peers/bin/python -m pip install --quiet -c constraints.txt -c benchmarks/peers/constraints.txt --group peers
	@touch $@

clean:                      ## remove the environment and everything built
	rm -rf .venv .venv-peers build dist results site docs/_build docs/generated .pytest_cache .ruff_cache .hypothesis .benchmarks .asv/env .asv/html .asv/npm
