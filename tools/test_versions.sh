#!/usr/bin/env bash
# Run the tests on each Python from 3.11 on, with the lowest and the newest packages that
# pyproject.toml allows, and print a table: `make test-versions`, some minutes for each line.
#
# tools/test_versions.sh [WORD [TEST ...]]
#     only the runs whose name holds the word (3.11, lowest, 3.13-newest), and only these tests
#
# Environments and logs go to .venv-versions. They are made by uv, which is installed there if it
# is missing. A Python that neither uv nor pyenv has is left out, and the table says so;
# UV_PYTHON_DOWNLOADS=automatic lets uv fetch it.
set -euo pipefail
cd "$(dirname "$0")/.."
export UV_PYTHON_DOWNLOADS=${UV_PYTHON_DOWNLOADS-never}

PLACE=.venv-versions
PYTHONS="3.11 3.12 3.13 3.14"
ROW="%-12s  %-8s  %-8s  %6s  %6s  %7s  %7s  %s\n"

word=${1:-}
tests=("${@:2}")

UV=$(command -v uv || echo "$PLACE/uv/bin/uv")
mkdir -p "$PLACE"
if ! "$UV" --version >/dev/null 2>&1; then
    .venv/bin/python -m venv "$PLACE/uv"
    "$PLACE/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv
fi

# Make the environment $2 with Python $1. pyenv's stand-ins on the path fail for each version that
# is not chosen, and uv gives up at the first of them; so what pyenv keeps is tried as well.
make_venv() {
    local python
    for python in "$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        "$UV" venv --quiet --clear --no-project --python "$python" "$2" >/dev/null 2>&1 && return
    done
    return 1
}

# Install with the resolution $2 into the environment $1, and test there.
run_tests() {
    "$UV" pip install --quiet --python "$1/bin/python" --resolution "$2" --upgrade \
        --only-binary :all: -r pyproject.toml --group dev || return
    "$1/bin/python" -m engine.training.warm_up || return
    if [ ${#tests[@]} -eq 0 ]; then
        make --no-print-directory test PYTHON="$1/bin/python"
    else
        "$1/bin/python" -m pytest "${tests[@]}"
    fi
}

# Print how many tests came out as $2 ("failed", or "failed|errors?") in the log $1.
count() {
    grep -E "^=+ .* in [0-9.]+s" "$1" | grep -Eo "[0-9]+ ($2)\b" |
        awk '{ n += $1 } END { print n + 0 }' || true
}

bad=0 found=0
# shellcheck disable=SC2059
printf "$ROW" run Python PySide6 passed failed skipped seconds result
for version in $PYTHONS; do
    for resolution in lowest-direct highest; do
        name=$version-$([ $resolution = highest ] && echo newest || echo lowest)
        case $name in *"$word"*) ;; *) continue ;; esac
        venv=$PLACE/$name log=$PLACE/$name.log code=0 start=$SECONDS found=1
        if ! make_venv "$version" "$venv"; then
            printf "$ROW" "$name" - - - - - - "no such Python"
            continue
        fi
        run_tests "$venv" $resolution >"$log" 2>&1 </dev/null || code=$?
        result=passed
        if [ $code -ne 0 ]; then
            bad=1 result="exit code $code, the end of $log:"
        fi
        read -r python pyside < <("$venv/bin/python" -c '
import importlib.metadata as metadata, platform
installed = {package.name: package.version for package in metadata.distributions()}
print(platform.python_version(), installed.get("PySide6_Essentials", "-"))')
        printf "$ROW" "$name" "$python" "$pyside" "$(count "$log" passed)" \
            "$(count "$log" "failed|errors?")" "$(count "$log" skipped)" $((SECONDS - start)) \
            "$result"
        [ $code -eq 0 ] || tail -n 25 "$log"
    done
done
[ $bad -eq 0 ] && [ $found -eq 1 ]
