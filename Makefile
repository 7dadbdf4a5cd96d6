GO      ?= go
LINT    := $(GO) tool -modfile=.tools/go.mod golangci-lint
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
COMMIT  ?= $(shell git rev-parse --verify --quiet HEAD 2>/dev/null)
FUZZ    ?= 1m
BENCH   ?= full
CHAOS   ?= 1h
SEED    ?= 0

# The gateway is a module of its own. Its library takes minutes to compile, and as
# long again for the race detector, without which its tests run here.
GATEWAY := cd cmd/recado-telegram && CGO_ENABLED=0

# The linters include go vet, so tests do without it. Packages that take minutes begin first.
GOTEST := $(GO) run .ci/gotest.go $$TEST_RACE -vet=off -shuffle=on
SLOW   := ./cmd/bench ./adapters/store/postgres ./adapters/store/sqlite ./adapters/console
LONG   := ./adapters/store/postgres ./adapters/store/sqlite ./adapters/console ./adapters/transfer ./cmd/recado

# Starts real Postgres and Redis and exports their addresses to the shell of a recipe.
SERVICES := env=$$(deploy/services env) && eval "$$env"

.DEFAULT_GOAL := help
.PHONY: check test long chaos bench lint fmt vet generate fuzz build recado gateway image run services stop clean help

check: fmt vet lint test ## Run every check that a change must pass

test: ## Run every test, with real Postgres and Redis and the race detector
	$(SERVICES) && $(GOTEST) -timeout 20m $(SLOW) $$($(GO) list ./... | grep -v '/cmd/recado$$') && \
	$(GOTEST) -parallel 4 -timeout 40m ./cmd/recado && \
	cd deploy/kit && $(GO) test ./... # cmd/recado by itself, since it measures how soon a killed program is replaced
	$(SERVICES) && $(GATEWAY) $(GO) test ./...

long: ## Run the long forms of tests, for about an hour: 3 M messages, a chat of 50,000, outages of minutes
	$(SERVICES) && $(GO) test -count=1 -p=1 -timeout=0 $(LONG) -args -long
	$(SERVICES) && $(GATEWAY) $(GO) test -count=1 -timeout=0 . -args -long

chaos: ## Try faults at random for an hour, or as CHAOS=10m says, by SEED=n, and print how soon each is recovered from
	$(SERVICES) && $(GO) test ./cmd/recado -count=1 -run='^TestChaos$$' -v -timeout=0 -args -chaos=$(CHAOS) -seed=$(SEED)

bench: recado ## Measure into deploy/BENCH.md; BENCH=large adds 3 M and 10 M messages, BENCH=short only prints
	$(SERVICES) && $(GO) build -o bin/bench ./cmd/bench && \
	bin/bench -size $(BENCH) $(if $(filter short,$(BENCH)),,-o deploy/BENCH.md) $(if $(PROFILE),-profile $(PROFILE))

lint: ## Run the linters; the first run builds them, which takes minutes
	$(LINT) run ./...
	$(GATEWAY) $(GO) tool -modfile=../../.tools/go.mod golangci-lint run ./...

fmt: ## Format the code
	$(LINT) fmt ./...

vet: ## Run go vet
	$(GO) vet ./...
	$(GATEWAY) $(GO) vet ./...

generate: ## Regenerate the API's client, the pages of failures and metrics, the dashboards
	$(GO) test ./adapters/api -count=1 -run=TestTheClientIsCurrent -update
	$(GO) test ./cmd/recado -count=1 -run=TestTheReferenceOfFailuresIsCurrent -update
	$(GO) test ./metrics -count=1 -run=TestThePageOfMetricsIsCurrent -update
	cd deploy/kit && $(GO) test . -count=1 -run=TestDashboardFilesAreCurrent -update

fuzz: ## Fuzz each target for a minute, or as FUZZ=10s says
	@grep -rn --include='*_test.go' -oE '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's/^(.*)\/[^\/]*:func (.*)/\1 \2/' | \
	while read -r dir target; do \
		$(GO) test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZ) "$$dir" || exit 1; \
	done

build: recado gateway ## Build both programs: bin/recado and bin/recado-telegram

recado: ## Build bin/recado
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)' -o bin/recado ./cmd/recado

gateway: ## Build bin/recado-telegram, the gateway to personal Telegram accounts; the first time takes minutes
	$(GATEWAY) $(GO) build -trimpath -ldflags '-s -w' -o ../../bin/recado-telegram .

image: recado ## Build bin/recado-image.tar, a container image; it needs no Docker
	cd deploy/kit && $(GO) run ./image -program ../../bin/recado -tag recado:latest -o ../../bin/recado-image.tar

run: recado ## Run the demonstration; it needs only Go
	bin/recado demo

services: ## Start Postgres and Redis for tests, and print their addresses
	@deploy/services env >/dev/null && deploy/services status

stop: ## Stop Postgres and Redis
	deploy/services stop

clean: ## Stop Postgres and Redis, delete their data and bin
	deploy/services clean
	rm -rf bin

help: ## Print this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-9s %s\n", $$1, $$2}'
