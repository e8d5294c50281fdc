#!/usr/bin/env bash
# Writes src/schema.ts, the types of every route and body, from openapi/openapi.json; with --check it only compares.
set -euo pipefail
cd "$(dirname "$0")"
test -x node_modules/.bin/openapi-typescript || npm ci --no-audit --no-fund --silent
target=src/schema.ts
if [ "${1:-}" = --check ]; then
	target=$(mktemp --suffix .ts)
	trap 'rm -f "$target"' EXIT
fi
# A field that has a default in a body may be left out.
node_modules/.bin/openapi-typescript "${OPENAPI:-../../openapi/openapi.json}" --output "$target" \
	--default-non-nullable false --root-types --root-types-no-schema-prefix --alphabetize > /dev/null
cmp -s "$target" src/schema.ts || { echo 'sdk/typescript/src/schema.ts is not current: run make sdk' >&2; exit 1; }
