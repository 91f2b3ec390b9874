#!/bin/sh
# Pins every dependency with hashes. The lock names no index, so it works with whichever one pip is configured for.
set -eu
cd "$(dirname "$0")/.."
[ -x .venv/bin/uv ] || .venv/bin/pip install --quiet uv
compile() {
    .venv/bin/uv pip compile setup.cfg --quiet --generate-hashes --no-header --no-annotate --universal --python-version 3.11 "$@"
}
compile --all-extras --output-file requirements.lock
compile --extra demo --extra build --constraint requirements.lock --output-file requirements-demo.lock
