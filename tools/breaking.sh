#!/bin/bash
# Holds the contract against that of the last release; before the first one,
# against where it was first written down.
set -euo pipefail
cd "$(dirname "$0")/.."
against=$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || git log --diff-filter=A --format=%H -- buf.yaml | tail -1)
if [ -z "$against" ]; then
    echo 'no earlier contract to hold this one against: is this a shallow clone?' >&2
    exit 1
fi
web/node_modules/.bin/buf breaking --against ".git#ref=$against"
