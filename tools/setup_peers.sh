#!/usr/bin/env bash
# Make .venv-peers: other programs to measure against and to prove exports. Layerscope needs none.
# PyPI's torch for Linux is the large one with CUDA; pip takes another index from PIP_INDEX_URL.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=.venv-peers
PACKAGES="torch keras safetensors jax jaxlib numpy scipy threadpoolctl msgspec captum openTSNE"
[ "$(cat "$VENV/.installed" 2>/dev/null)" = "$PACKAGES" ] && exit 0

echo "setup: installing $PACKAGES into $VENV (1.5 GB or more, once)" >&2
# shellcheck disable=SC2086
if command -v uv >/dev/null; then
    [ -e "$VENV/bin/python" ] || uv venv --quiet "$VENV"
    uv pip install --quiet --python "$VENV/bin/python" $PACKAGES
else
    [ -e "$VENV/bin/python" ] || .venv/bin/python -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check $PACKAGES
fi
echo "$PACKAGES" >"$VENV/.installed"
