#!/usr/bin/env bash
# Writes src/schema.ts, the types of every route and body, from openapi/openapi.json, or from and to the files given.
set -euo pipefail
cd "$(dirname "$0")"
test -x node_modules/.bin/openapi-typescript || npm ci --no-audit --no-fund --silent
# A field that has a default in a body may be left out.
node_modules/.bin/openapi-typescript "${1:-../../openapi/openapi.json}" --output "${2:-src/schema.ts}" \
	--default-non-nullable false --root-types --root-types-no-schema-prefix --alphabetize > /dev/null
