#!/usr/bin/env bash
# Build dist/layerscope-VERSION-py3-none-any.whl with hatchling alone: no other package is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -x .venv/bin/hatchling ]; then
    .venv/bin/hatchling build --target wheel
elif command -v uv >/dev/null; then
    uv build --wheel --out-dir dist
else
    python3 -m venv build/wheel
    build/wheel/bin/pip install --quiet --disable-pip-version-check hatchling
    build/wheel/bin/hatchling build --target wheel
fi
