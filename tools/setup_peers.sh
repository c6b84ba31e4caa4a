#!/usr/bin/env bash
# Make .venv-peers: PyTorch and JAX, to measure against. Layerscope itself needs neither.
# PyPI's torch for Linux is the large one with CUDA; pip takes another index from PIP_INDEX_URL.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=.venv-peers
[ -e "$VENV/.installed" ] && exit 0

echo "setup: installing PyTorch and JAX into $VENV (1.5 GB or more, once)" >&2
if command -v uv >/dev/null; then
    uv venv --quiet --clear "$VENV"
    uv pip install --quiet --python "$VENV/bin/python" torch jax jaxlib numpy threadpoolctl
else
    .venv/bin/python -m venv --clear "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check \
        torch jax jaxlib numpy threadpoolctl
fi
touch "$VENV/.installed"
