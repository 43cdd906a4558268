# Everything a contributor runs. `make` alone lists it.
.DEFAULT_GOAL := help

GO ?= go
# The linter is a program of its own and not a dependency: its version is fixed here.
GOLANGCI_LINT ?= $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME ?= 30s
SEEDS ?= 2000
ifdef SEED
simulated = -run '^TestSimulate$$' -seed $(SEED) -seeds 1
simulated_client = -seed $(SEED) -seeds 1
else
simulated_client = -seeds $(SEEDS)
simulated = -run '^TestSimulate$$|Crash|SecondOrchestrator' -seeds $(SEEDS)
endif

.PHONY: help build test lint race simulate simulate-client fuzz e2e e2e-full bench bench-full cluster-up cluster-down

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## compile everything
	$(GO) build ./...

test: ## run the unit tests: no cluster, no root, no network
	$(GO) test ./...

lint: ## run the linters
	$(GO) vet ./...
	$(GOLANGCI_LINT) run --allow-parallel-runners ./...
	cd e2e && $(GO) vet ./... && $(GOLANGCI_LINT) run --allow-parallel-runners ./...
	cd bucket/s3test && $(GO) vet ./...

race: ## run the unit tests with the race detector, in random order
	$(GO) test -race -shuffle=on ./...

simulate: ## simulate runs in which everything goes wrong, from SEEDS (2000) seeds, or from the one that is SEED
	@cd internal/engine && $(GO) test -count=1 -timeout 0 $(simulated) -report

simulate-client: ## the same with the real client of the API server and a server that fails
	@cd internal/kube && $(GO) test -count=1 -timeout 0 -run '^TestRunsByAFaultyAPIServer$$' $(simulated_client) -report

fuzz: ## fuzz every target for FUZZTIME (30s)
	@set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

e2e: ## run the end-to-end tests in a Kubernetes of their own (Linux, root), which leaves nothing behind
	e2e/run.sh -timeout 20m

e2e-full: ## the same with the slow tests
	K8SORCH_E2E_FULL=1 e2e/run.sh -timeout 60m

bench: ## compare with the API server's limits and with other ways to orchestrate, once, in 11 minutes (Linux, root)
	e2e/bench.sh

bench-full: ## the same at full size, which takes hours
	e2e/bench.sh -full

cluster-up: ## start a Kubernetes to work with by hand, and print how to use it
	@e2e/cluster-up.sh

cluster-down: ## remove it
	@e2e/cluster-down.sh
