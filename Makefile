# make run     set up, build, and serve the system with a lively demonstration province
# make test    everything that must hold; installs what the tests need where it may
# make build   one self-contained binary: bin/taphuan
# make bench   the benchmarks; ONLY=certificate runs those whose name starts so
# make screenshots   the pictures of the README, taken from the demonstration province
# make fmt, make clean

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: run build binary assets need test bench screenshots fmt clean

# A checkout that belongs to somebody else cannot be asked for its version. All that is built is built alike, so that what the
# binary needs is compiled once for it, for vet and for the tests.
export GOFLAGS := $(GOFLAGS) -buildvcs=false -trimpath
export CGO_ENABLED := 0

ADDR ?= 127.0.0.1:8080
ONLY ?=

run: build
	bin/taphuan serve --demo --addr $(ADDR) --db sqlite:data/taphuan.db

build: need
	@$(MAKE) --no-print-directory binary

# Only the Go part knows cheaply what has changed, so it is always asked; it is quick to say "nothing".
binary: assets
	go build -ldflags '-s -w' -o bin/taphuan ./cmd/taphuan

need:
	@scripts/need

# The front end: packages from the lock file, then the bundle. Each is made again only when what it is made of is newer.
packages := static/node_modules/.package-lock.json
bundle := static/dist/manifest.json
sources := $(shell find static -mindepth 1 \( -name node_modules -o -name dist \) -prune -o ! -name '*.go' -print)

assets: $(bundle)

$(packages): static/package.json static/package-lock.json
	cd static && npm ci
	@touch $@

$(bundle): $(packages) $(sources)
	cd static && npm run --silent build
	@touch $@

test: need
	@scripts/test

# The table stands alone on standard output.
bench: need
	@$(MAKE) --no-print-directory binary >&2
	@scripts/test-deps >&2
	@go build -o bin/withdb ./internal/testdb/withdb
	@go build -o bin/bench ./internal/bench
	@bin/withdb -durable bin/bench -only '$(ONLY)'

screenshots: build
	@scripts/test-deps
	TAPHUAN_PICTURES="$(CURDIR)/docs/screenshots" go test -tags pictures -count=1 -run TestTour ./internal/pictures

fmt:
	find . -path ./static/node_modules -prune -o -name '*.go' -print0 | xargs -0 -r gofmt -w

clean:
	rm -rf bin .cache static/node_modules
	find static/dist -mindepth 1 ! -name .gitkeep -delete
