# Targets print themselves: make help
.DEFAULT_GOAL := help
SHELL := /bin/bash
BUF := web/node_modules/.bin/buf

help: ## Print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: tools build ## Run the demo: a school to try everything out
	bin/undring demo

test: web ## Run all tests: everything, Go and browser
	@tools/install.sh --browser
	go vet ./...
	go test -vet=off -shuffle=on -parallel 4 -timeout 25m ./cmd/undring # alone: how soon others are served in an attack is measured
	go test -vet=off -shuffle=on -parallel 4 -timeout 25m $$(go list ./... | grep -v /cmd/undring$$)
	cd web && npm run check && npm test && npm run e2e

quick: web/node_modules/.package-lock.json ## Test what a change needs: types, packages that changed and those that use them, short walks
	@tools/install.sh
	go vet ./...
	go test -short -parallel 4 ./...
	cd web && npm run --silent check && npm run --silent test

check: gen-check lint test ## All that has to hold before a commit: generated code, format, lint, contract, tests

tools: ## Install what is missing: Go is needed, PostgreSQL's programs are fetched
	@tools/install.sh

web: web/node_modules/.package-lock.json ## Build the phone app into web/dist
	cd web && npm run --silent build

# npm writes this file last.
web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@tools/install.sh --web
	cd web && npm ci --no-fund --no-audit

screens: web ## Draw the pictures of docs/screens.md anew
	@tools/install.sh --browser
	cd web && npm run --silent screens

build: web ## Build bin/undring, with the phone app in it
	go build -o bin/undring ./cmd/undring

gen: web/node_modules/.package-lock.json ## Generate code from the contract, and the picture of a visit from its table
	$(BUF) generate
	$(BUF) generate --template buf.gen.web.yaml
	go run ./spec/limits > web/src/gen/limits.ts
	go run ./observation/diagram > docs/visit.md

cases: ## Write anew the cases that server and phone judge alike
	go test ./feedback/... ./review ./server -run SharedCases -update

access: ## Draw docs/access.md and docs/writes.md anew: who may what, as measured
	go test ./server -run "G8|G18" -update

schema: ## Draw docs/schema.sql anew: the schema after all migrations
	go test ./postgres -run SchemaIsDrawn -update

gen-check: gen ## Fail where generated code is stale
	@git diff --exit-code --stat -- gen web/src/gen docs/visit.md || { echo 'generated code is stale: make gen, and commit it'; exit 1; }

lint: web/node_modules/.package-lock.json ## Check format, vet, staticcheck, and the contract against the last release
	@test -z "$$(gofmt -l $$(git ls-files '*.go' | grep -v '^gen/'))" || { gofmt -l $$(git ls-files '*.go' | grep -v '^gen/'); echo 'not formatted: gofmt -w'; exit 1; }
	go tool staticcheck ./...
	$(BUF) lint
	$(BUF) format proto -d --exit-code
	@tools/breaking.sh

java: ## Go through a visit with a client in Java, against a demo of its own
	clients/java/check.sh

race: tools ## Run the tests with the race detector
	go test -race ./...

# How long each target is fuzzed: a time, or so many inputs (100x).
FUZZTIME := 1m

fuzz: ## Fuzz what parses, a minute each; make fuzz FUZZTIME=10m
	@git grep -oE '^func Fuzz[A-Za-z]+' -- '*_test.go' | while IFS=: read -r file func; do \
		echo "$${func#func }, $(FUZZTIME)"; \
		go test "./$$(dirname "$$file")" -run '^$$' -fuzz "^$${func#func }\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x || exit 1; \
	done

bench: tools ## Measure
	go test -run '^$$' -bench . -benchmem ./...

figures: ## Measure the code: lengths, comments, tests, imports against ranks, complexity
	@go run ./tools/figures

review-model: ## Train the model of the question review anew from its labelled texts
	go run ./review/train
	go test ./review -run SharedCases -update

review-matrix: ## Measure the question review, and write docs/question-review.md
	go run ./review/matrix > docs/question-review.new && mv docs/question-review.new docs/question-review.md

.PHONY: screens help run test quick check cases access tools web build gen schema gen-check java lint race fuzz bench figures review-model review-matrix
