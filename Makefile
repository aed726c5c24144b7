# agent-operator. `make demo` and `make test` need nothing but Debian (or Ubuntu) and Swift 6.2 or later:
# they install the system packages that are missing.

SWIFT  ?= swift
PREFIX ?= /usr/local
PACKAGES := libcurl4-openssl-dev libyaml-dev pkg-config
# Of demo and build. Tests run what ships: optimised, and in a tenth of the time.
BUILD_FLAGS ?=
TEST_FLAGS ?= -c release -Xswiftc -enable-testing
SEEDS ?= 10000
SOAK_MINUTES ?= 600
SOAK_PROCESSES ?= $(shell nproc)
TEST_TARGETS := $(sort $(notdir $(wildcard Tests/*Tests)))
FUZZ_TARGETS ?= json yaml quantity watch kubeconfig
FUZZ_RUNS ?= 1000000
# Swift's own crash handler would keep libFuzzer from writing down the input.
# One input may take 5 seconds and 512 MiB, far more than inputs of this size should.
FUZZ_LIMITS := -max_len=4096 -timeout=5 -rss_limit_mb=512 -malloc_limit_mb=128
RELEASE_FLAGS := -c release --static-swift-stdlib --product agent-operator

.DEFAULT_GOAL := help
.PHONY: help demo test soak conformance fuzz build release lint format bench bench-cluster install clean dependencies promtool redis

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: dependencies ## Build, run the operator against the embedded cluster on the samples, show what it makes
	$(SWIFT) build $(BUILD_FLAGS) --product agent-operator
	"$$($(SWIFT) build $(BUILD_FLAGS) --show-bin-path)/agent-operator" demo $(DEMO_FLAGS)

# One process for each target: tests that wait for child processes then hold up only their own kind.
test: dependencies promtool redis ## Build and run all tests
	$(SWIFT) build $(TEST_FLAGS) --build-tests
	@failed=; for target in $(TEST_TARGETS); do \
	  echo "== $$target"; \
	  $(SWIFT) test $(TEST_FLAGS) --skip-build --filter "^$$target\\." || failed="$$failed $$target"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi; echo "all test targets passed"

# Deterministic hashing makes a seed mean the same everywhere. A process for each core, as they share
# no memory: two threads of one process do a quarter fewer. `swift test` would show nothing before the end.
soak: dependencies ## Run SEEDS simulated histories of the operator, for at most SOAK_MINUTES
	$(SWIFT) build $(TEST_FLAGS) --build-tests
	@tests="$$($(SWIFT) build $(TEST_FLAGS) --show-bin-path)/agent-operatorPackageTests.xctest"; \
	plain=; [ -t 1 ] || plain='env NO_COLOR=1'; \
	processes=; trap 'kill $$processes 2>/dev/null' INT TERM; for share in $$(seq $(SOAK_PROCESSES)); do \
	  first=$$(((share - 1) * $(SEEDS) / $(SOAK_PROCESSES) + 1)); last=$$((share * $(SEEDS) / $(SOAK_PROCESSES))); \
	  [ $$first -le $$last ] || continue; \
	  SWIFT_DETERMINISTIC_HASHING=1 SIMULATION_SEEDS=$$first-$$last SIMULATION_MINUTES=$(SOAK_MINUTES) \
	    $$plain "$$tests" --testing-library swift-testing --filter '^AgentOperatorTests\.SimulationTests' & \
	  processes="$$processes $$!"; \
	done; \
	failed=0; for process in $$processes; do wait $$process || failed=1; done; exit $$failed

conformance: dependencies ## Replay recordings of a real API server against the embedded one (needs ../shared, python3)
	$(SWIFT) build $(TEST_FLAGS) --product agent-operator
	@if command -v python3 >/dev/null; then \
	  Tests/Conformance/check "$$($(SWIFT) build $(TEST_FLAGS) --show-bin-path)/agent-operator"; \
	else echo "conformance not checked: python3 is not on the PATH"; fi

build: dependencies ## Debug build of everything
	$(SWIFT) build $(BUILD_FLAGS)

release: dependencies ## Stripped release binary in .build/release, the Swift runtime linked in
	$(SWIFT) build $(RELEASE_FLAGS)
	strip "$$($(SWIFT) build $(RELEASE_FLAGS) --show-bin-path)/agent-operator"

lint: ## Formatting of the Swift files, and the manifests against upstream schemas when ../shared is there
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	@if [ -x ../shared/schemas/check-manifests ]; then \
	  ../shared/schemas/check-manifests manifests/install.yaml Tests/ManifestRenderingTests/Golden/*.yaml; \
	else echo "manifests not checked: ../shared is not beside this checkout"; fi

format: ## Rewrite the Swift files in the house format
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

bench: release ## Print a table: codecs, rendering, planning, memory, and the release binary as a process
	$(SWIFT) run -c release --static-swift-stdlib benchmarks $(BENCH_FLAGS) \
	  --binary "$$($(SWIFT) build $(RELEASE_FLAGS) --show-bin-path)/agent-operator"

bench-cluster: release ## Fan-out against a real API server beside its raw write limit (needs KUBEBUILDER_ASSETS, ../shared)
	$(SWIFT) build -c release --static-swift-stdlib --product benchmarks
	Tests/Benchmarks/fan-out "$$($(SWIFT) build -c release --show-bin-path)" $(BENCH_N)

fuzz: dependencies ## Coverage-guided fuzzing of the parsers, FUZZ_RUNS inputs for each of FUZZ_TARGETS
	FUZZ=1 $(SWIFT) build -c release --scratch-path .build/fuzz --product fuzz -Xswiftc -sanitize=fuzzer
	@for target in $(FUZZ_TARGETS); do \
	  mkdir -p ".build/fuzz/corpus/$$target"; \
	  echo "== $$target: $(FUZZ_RUNS) inputs"; \
	  SWIFT_BACKTRACE=enable=no .build/fuzz/release/fuzz $$target -runs=$(FUZZ_RUNS) $(FUZZ_LIMITS) \
	    -artifact_prefix=".build/fuzz/$$target-" -print_final_stats=1 \
	    ".build/fuzz/corpus/$$target" "Tests/Fuzz/Corpus/$$target" >".build/fuzz/$$target.log" 2>&1 \
	    || { tail -n 60 ".build/fuzz/$$target.log"; exit 1; }; \
	  grep -E "DONE|number_of_executed_units|average_exec_per_sec|peak_rss" ".build/fuzz/$$target.log"; \
	done

install: release ## Install the binary into $(PREFIX)/bin, also as the kubectl plugin `kubectl agents`
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 "$$($(SWIFT) build $(RELEASE_FLAGS) --show-bin-path)/agent-operator" "$(DESTDIR)$(PREFIX)/bin/agent-operator"
	ln -sf agent-operator "$(DESTDIR)$(PREFIX)/bin/kubectl-agents"

# Prometheus' own tool tests the rendered rules. It is taken out of the distribution's package, which
# apt verifies: to install the package would start a server.
PROMTOOL := .build/tools/promtool
promtool:
	@if ! command -v promtool >/dev/null && [ ! -x $(PROMTOOL) ]; then \
	  folder=$$(mktemp -d); \
	  if ( cd "$$folder" && { apt-get download -qq prometheus \
	      || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get download -qq prometheus; }; } \
	      && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool ) >/dev/null 2>&1; then \
	    mkdir -p $(dir $(PROMTOOL)) && mv "$$folder/usr/bin/promtool" $(PROMTOOL); \
	  else \
	    echo "note: no promtool (package prometheus); the tests that need it are skipped" >&2; \
	  fi; \
	  rm -rf "$$folder"; \
	fi

# A real Redis runs the rendered store. Its package and what that needs and the system lacks are
# unpacked and not installed: to install them would start a server.
REDIS := .build/tools/redis
redis:
	@if ! command -v redis-server >/dev/null && [ ! -x $(REDIS)/usr/bin/redis-server ]; then \
	  folder=$$(mktemp -d); mkdir -p "$$folder/partial" "$$folder/root"; \
	  get() { apt-get -qq -y -o Dir::Cache::archives="$$folder" -o Debug::NoLocking=1 \
	    --no-install-recommends --download-only install redis-server; }; \
	  if { get || { [ "$$(id -u)" = 0 ] && apt-get update -qq && get; }; } >/dev/null 2>&1 \
	    && for package in "$$folder"/*.deb; do dpkg-deb -x "$$package" "$$folder/root" || exit 1; done \
	    && [ -x "$$folder/root/usr/bin/redis-server" ]; then \
	    rm -rf $(REDIS) && mkdir -p $(dir $(REDIS)) && mv "$$folder/root" $(REDIS); \
	  else \
	    echo "note: no redis-server (package redis-server); the tests that need it are skipped" >&2; \
	  fi; \
	  rm -rf "$$folder"; \
	fi

clean: ## Remove everything that was built
	rm -rf .build

# pkg-config finds the headers of both libraries, so its answer is what counts, not dpkg's.
dependencies:
	@command -v $(SWIFT) >/dev/null || { \
	  echo "error: swift is not on the PATH; see https://www.swift.org/install/linux" >&2; exit 1; }
	@if ! pkg-config --exists libcurl yaml-0.1 2>/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing $(PACKAGES)"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(PACKAGES); \
	  else \
	    echo "error: missing system packages; install them with: sudo apt-get install $(PACKAGES)" >&2; \
	    exit 1; \
	  fi; \
	fi
