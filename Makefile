# jira-usaged. `make` alone lists what there is; CONTRIBUTING.md says how it is meant.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# SwiftPM builds in parallel by itself, and locks its directory.
.NOTPARALLEL:

PREFIX     ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR    ?=

SWIFT    ?= swift
DEBUG    := .build/debug
RELEASE  := .build/release
MANUALS  := man/jira-usaged.8 man/jirausagectl.1 man/jira-usaged.conf.5 man/jira-usage-api.7
SCRIPTS  := .ci/run $(wildcard scripts/*) examples/seats-to-reclaim examples/licence-cost \
    Tests/systemd/run $(wildcard Tests/systemd/*.bash) $(addprefix debian/jira-usaged.,config postinst prerm postrm)

# Payloads of a real site and a checker of simulators that some checkouts have beside them. Neither is needed.
RECORDED_SITE := $(abspath ../shared/jira-api/recorded-site)
CONTRACT_TOOL := ../shared/tools/jira-contract

##@ To try it

.PHONY: demo
demo: build ## Show it at work against a simulated Jira Cloud, then leave nothing behind
	@scripts/demo

.PHONY: run
run: build ## Keep daemon and simulator up for playing, until Ctrl-C
	@scripts/demo --keep

##@ To work on it

.PHONY: deps
deps: ## Install what is missing to build (Debian; asks for nothing)
	@scripts/deps

# The tests are built by whichever of `make demo` and `make test` comes first, so that the other finds it done.
.PHONY: build
build: deps ## Build programs and tests, for debugging
	$(SWIFT) build --build-tests

# Suites that compute for long would keep those that wait for an answer from their turn, so they come by themselves.
LONG_SUITES := OracleMatrixTests|PersonalDataYearTests|ErasureTests|DamagedVaultTests|VaultScheduleTests|RefreshScheduleTests|FirstPassPlanTests|RandomPeopleTests|ProbeTests|ReconcileTests|OracleTests|LargeSiteTests
# Those that ask a server for an answer within a time, and those that attack one, would take the others' time, and these
# theirs.
ATTACKS     := HostileTests|AccessMatrixTests|ControlServerTests|ProxyTests
# Hundreds of tests at once would only keep each other from their deadlines.
RUN_TESTS   := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 $(SWIFT) test --skip-build --disable-xctest

# What the tests print is searched for every secret that their simulators issued, as each test does with its own files.
.PHONY: test
test: export JIRA_SIM_SECRETS_FILE = $(abspath $(DEBUG))/issued-secrets
test: OUTPUT = $(DEBUG)/test-output
test: build ## Run the tests
	@rm -f $(JIRA_SIM_SECRETS_FILE)
	$(RUN_TESTS) --filter '$(LONG_SUITES)' 2>&1 | tee $(OUTPUT)
	$(if $(wildcard $(RECORDED_SITE)),JIRA_RECORDED_SITE=$(RECORDED_SITE)) $(RUN_TESTS) --skip '$(LONG_SUITES)|$(ATTACKS)' \
	    2>&1 | tee -a $(OUTPUT)
	$(RUN_TESTS) --filter '$(ATTACKS)' 2>&1 | tee -a $(OUTPUT)
	@scripts/search-secrets $(JIRA_SIM_SECRETS_FILE) $(OUTPUT)

SEEDS ?= 20

.PHONY: oracle-matrix
oracle-matrix: build ## Sync through everything that can go wrong and compare, from many seeds (SEEDS=20)
	JIRA_USAGED_ORACLE_SEEDS=$(SEEDS) $(RUN_TESTS) --filter OracleMatrixTests

CASES ?= 10000

.PHONY: torture-vault
torture-vault: build ## Damage the vault's file in many ways and open it (CASES=10000)
	JIRA_USAGED_DAMAGE_CASES=$(CASES) $(RUN_TESTS) --filter 'DamagedVaultTests|VaultScheduleTests|RefreshScheduleTests'

LINES ?= 100000

.PHONY: torture-socket
torture-socket: build ## Send what is no request to a daemon, and measure how others are served (LINES=100000 SEED=…)
	JIRA_USAGED_HOSTILE_LINES=$(LINES) $(if $(SEED),JIRA_USAGED_HOSTILE_SEED=$(SEED)) $(RUN_TESTS) --filter HostileTests

# The fuzzer is part of the package only where this is asked for, and is built where it disturbs nothing else. Swift's
# runtime reports a leak of its own at the end of any program, so that leaks are not looked for.
FUZZ         := .build-fuzz
FUZZ_SECONDS ?= 3600

.PHONY: fuzz
fuzz: deps ## Look for input to the socket that breaks something, from the kept corpus on (FUZZ_SECONDS=3600)
	JIRA_USAGED_FUZZ=1 $(SWIFT) build -c release --sanitize=address --scratch-path $(FUZZ) --product ControlFuzz
	@scripts/fuzz $(FUZZ) $(FUZZ_SECONDS)

.PHONY: check
check: format-check build scripts-check man-check unit-check contract-check deb test-systemd test ## Everything that must hold before a merge

.PHONY: format
format: ## Put the sources into the house's form
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks

.PHONY: format-check
format-check: deps
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks

.PHONY: man
man: build ## Write anew what the manual says of requests and options, from the programs themselves
	JIRA_USAGED_REWRITE_MANUAL=1 $(RUN_TESTS) --filter 'SocketManualTests|OptionManualTests'

.PHONY: deps-check
deps-check:
	@scripts/deps check

.PHONY: scripts-check
scripts-check: deps-check
	shellcheck -x $(SCRIPTS)

.PHONY: man-check
man-check: deps-check
	mandoc -T lint -W warning $(MANUALS)

.PHONY: unit-check
unit-check: build
	@scripts/unit-check $(abspath $(DEBUG))/jira-usaged

.PHONY: contract-check
contract-check: build ## Hold the simulator against Atlassian's API description, where the checker is at hand
	@if [[ ! -x $(CONTRACT_TOOL) ]]; then echo 'contract-check: skipped, no $(CONTRACT_TOOL)'; exit 0; fi; \
	scripts/contract-check $(CONTRACT_TOOL)

.PHONY: test-systemd
test-systemd: build ## Boot the package in a throw-away Debian, where there is what does it, and break everything once
	@Tests/systemd/run

.PHONY: torture-systemd
torture-systemd: build ## The same with a hundred restarts under load instead of ten
	@Tests/systemd/run --long

.PHONY: clean
clean: ## Remove what was built
	rm -rf .build $(BENCHMARKS) $(FUZZ)

##@ To measure it

# The benchmarks are part of the package only where this is asked for, and are built where they disturb nothing else.
BENCHMARKS := .build-benchmarks
MEASURE    := $(BENCHMARKS)/release/SyncBenchmark
# Sites as USERS/ISSUES, for example SIZES='500/5000 5000/200000'; without it, up to 20,000 users and 1,000,000 issues.
SIZES    ?=
# The site on which Atlassian's hourly quota is felt, and the points of that quota.
LARGEST  ?= 100000/5000000
POINTS   ?= 65000
KILLS    ?= 1000
SEED     ?=

.PHONY: benchmarks
benchmarks: deps ## Build what measures, optimized, in a directory of its own
	JIRA_USAGED_BENCHMARKS=1 $(SWIFT) build -c release --scratch-path $(BENCHMARKS)

.PHONY: bench-sync
bench-sync: DOCUMENT ?= docs/BENCHMARKS.md
bench-sync: RESULTS = --lines $(BENCHMARKS)/results.jsonl --document $(DOCUMENT)
bench-sync: benchmarks ## Measure the sync, for about an hour, into docs/BENCHMARKS.md (SIZES=… LARGEST=… POINTS=…)
	$(MEASURE) requests $(addprefix --size ,$(SIZES)) $(RESULTS)
	$(MEASURE) answer $(addprefix --size ,$(SIZES)) $(RESULTS)
	$(MEASURE) throughput $(RESULTS)
	$(MEASURE) largest --size $(LARGEST) --points-per-hour $(POINTS) $(RESULTS)

.PHONY: torture-sync
torture-sync: benchmarks ## Kill the daemon at any moment and compare (KILLS=1000 SEED=… DOCUMENT=docs/BENCHMARKS.md)
	$(MEASURE) torture --kills $(KILLS) $(addprefix --seed ,$(SEED)) $(addprefix --document ,$(DOCUMENT)) \
	    --lines $(BENCHMARKS)/results.jsonl

# What `make bench-rpc` measures; another directory with the two programs in it serves as well.
MEASURED ?= $(RELEASE)
# Options of ControlBenchmark, for example RPC='--quick' or RPC='--part lookups --part streams'.
RPC      ?=

.PHONY: bench-rpc
bench-rpc: DOCUMENT ?= docs/BENCHMARKS.md
bench-rpc: benchmarks release ## Measure the control socket beside other servers, into docs/BENCHMARKS.md (RPC=--quick …)
	@scripts/deps bench $(BENCHMARKS)/peers
	$(BENCHMARKS)/release/ControlBenchmark $(RPC) $(if $(filter-out $(RELEASE),$(MEASURED)),--programs $(MEASURED)) \
	    --lines $(BENCHMARKS)/results.jsonl $(addprefix --document ,$(DOCUMENT))

##@ To use it

# What is linked is bound before anything runs, so that nothing can change it then (-z now).
RELEASE_FLAGS := -c release --static-swift-stdlib -Xlinker -s -Xlinker -z -Xlinker now

.PHONY: release
release: deps ## Build what is installed: optimized, Swift's libraries inside, stripped
	$(SWIFT) build $(RELEASE_FLAGS) --product jira-usaged
	JIRA_USAGED_STATIC_CLIENT=1 $(SWIFT) build $(RELEASE_FLAGS) --product jirausagectl

# Where things go, below DESTDIR. `uninstall` removes what stands here, so that both have one list.
SBIN       := $(PREFIX)/sbin
BIN        := $(PREFIX)/bin
UNITS      := $(PREFIX)/lib/systemd
SHARE      := $(PREFIX)/share
EXAMPLES   := $(SHARE)/doc/jira-usaged/examples
CONFIG     := $(SYSCONFDIR)/jira-usaged/config.toml
DROPINS    := $(notdir $(wildcard systemd/dropins/*.conf))
INSTALLED   = $(SBIN)/jira-usaged $(BIN)/jirausagectl \
    $(UNITS)/system/jira-usaged.service $(UNITS)/user/jira-usaged.service \
    $(UNITS)/system-preset/50-jira-usaged.preset $(UNITS)/catalog/jira-usaged.catalog \
    $(PREFIX)/lib/sysusers.d/jira-usaged.conf $(PREFIX)/lib/tmpfiles.d/jira-usaged.conf \
    $(foreach page,$(MANUALS),$(SHARE)/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page))) \
    $(SHARE)/bash-completion/completions/jirausagectl $(SHARE)/zsh/site-functions/_jirausagectl \
    $(SHARE)/fish/vendor_completions.d/jirausagectl.fish \
    $(EXAMPLES)/config.toml $(addprefix $(EXAMPLES)/,$(DROPINS))
# The units name the programs where PREFIX has them.
PLACED      = sed 's|/usr/local/sbin/|$(SBIN)/|g'

# Not a prerequisite of `install`, which is often root's: root should build nothing in a user's directory.
.PHONY: install
install: ## Install under $(PREFIX), after `make release` (DESTDIR, PREFIX and SYSCONFDIR as usual)
	@test -x $(RELEASE)/jira-usaged || { echo 'make install: run `make release` first' >&2; exit 1; }
	install -D -m 0755 $(RELEASE)/jira-usaged $(DESTDIR)$(SBIN)/jira-usaged
	install -D -m 0755 $(RELEASE)/jirausagectl $(DESTDIR)$(BIN)/jirausagectl
	install -d -m 0755 $(DESTDIR)$(UNITS)/system $(DESTDIR)$(UNITS)/user
	umask 022; $(PLACED) systemd/jira-usaged.service > $(DESTDIR)$(UNITS)/system/jira-usaged.service
	umask 022; $(PLACED) systemd/user/jira-usaged.service > $(DESTDIR)$(UNITS)/user/jira-usaged.service
	install -D -m 0644 systemd/jira-usaged.preset $(DESTDIR)$(UNITS)/system-preset/50-jira-usaged.preset
	install -D -m 0644 -t $(DESTDIR)$(UNITS)/catalog systemd/jira-usaged.catalog
	install -D -m 0644 systemd/jira-usaged.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/jira-usaged.conf
	install -D -m 0644 systemd/jira-usaged.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/jira-usaged.conf
	$(foreach page,$(MANUALS),install -D -m 0644 -t $(DESTDIR)$(SHARE)/man/man$(subst .,,$(suffix $(page))) $(page);)
	install -d -m 0755 $(DESTDIR)$(SHARE)/bash-completion/completions $(DESTDIR)$(SHARE)/zsh/site-functions \
	    $(DESTDIR)$(SHARE)/fish/vendor_completions.d
	umask 022; $(RELEASE)/jirausagectl completion bash | sed '1{/^#!/d}' \
	    > $(DESTDIR)$(SHARE)/bash-completion/completions/jirausagectl
	umask 022; $(RELEASE)/jirausagectl completion zsh > $(DESTDIR)$(SHARE)/zsh/site-functions/_jirausagectl
	umask 022; $(RELEASE)/jirausagectl completion fish > $(DESTDIR)$(SHARE)/fish/vendor_completions.d/jirausagectl.fish
	install -D -m 0644 -t $(DESTDIR)$(EXAMPLES) examples/config.toml $(addprefix systemd/dropins/,$(DROPINS))
	# It never changes: `jirausagectl setup` writes into it, and wherever it did dpkg would stop each upgrade and ask.
	test -e $(DESTDIR)$(CONFIG) || install -D -m 0644 systemd/config.toml $(DESTDIR)$(CONFIG)

.PHONY: uninstall
uninstall: ## Remove what `make install` installed; configuration and state stay
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	rmdir --ignore-fail-on-non-empty -p $(DESTDIR)$(EXAMPLES) 2>/dev/null || true

# The package has the version of the program. lintian's word counts; what it may say is in debian/ with the reason.
PACKAGES := .build/deb

.PHONY: deb
deb: ## Build the Debian package, into .build/deb, and hold it against lintian
	@scripts/deps package
	@scripts/build-deb $(PACKAGES)

##@ This list

.PHONY: help
help: ## Say what there is to make
	@awk 'BEGIN { FS = ":.*## " } \
	    /^##@/ { printf "%s\n", (NR > 1 && seen++ ? "\n" : "") substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
