#!/usr/bin/env bash
# Make .venv ready to run and test Layerscope. Quick when nothing is to be done.
# `make setup` calls this, and so do the targets that need it.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=.venv
STAMP=$VENV/.installed

# What Qt needs from the system: a library and the Debian package that holds it.
QT_LIBRARIES="
libGL.so.1=libgl1                       libEGL.so.1=libegl1
libdbus-1.so.3=libdbus-1-3              libfontconfig.so.1=libfontconfig1
libglib-2.0.so.0=libglib2.0-0           libxkbcommon.so.0=libxkbcommon0
libxcb-cursor.so.0=libxcb-cursor0       libxcb-icccm.so.4=libxcb-icccm4
libxcb-image.so.0=libxcb-image0         libxcb-keysyms.so.1=libxcb-keysyms1
libxcb-render-util.so.0=libxcb-render-util0
libxcb-shape.so.0=libxcb-shape0         libxcb-xkb.so.1=libxcb-xkb1
libxkbcommon-x11.so.0=libxkbcommon-x11-0
"

say() { echo "setup: $*" >&2; }

# Install Debian packages, or say which line does it. Fails if they are not installed afterwards.
apt_install() {
    command -v apt-get >/dev/null || return 1
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            say "some system packages are missing; please run:"
            say "    sudo apt-get install --no-install-recommends $*"
            return 1
        fi
        root=(sudo -n)
    fi
    say "installing $*"
    # ${root[@]+...}: an empty array counts as unset in old versions of bash.
    # A source that cannot be updated need not be the one that holds the packages.
    ${root[@]+"${root[@]}"} apt-get -qq update </dev/null >&2 || true
    if ! ${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install -y --no-install-recommends "$@" </dev/null >&2; then
        say "apt could not install them; please run:"
        say "    apt-get update && apt-get install --no-install-recommends $*"
        return 1
    fi
}

install_qt_libraries() {
    [ "$(uname -s)" = Linux ] || return 0
    local ldconfig known entry missing=()
    ldconfig=$(PATH=$PATH:/sbin:/usr/sbin command -v ldconfig) || return 0
    known=$("$ldconfig" -p)
    for entry in $QT_LIBRARIES; do
        case $known in
        *"${entry%%=*} "*) ;;
        *) missing+=("${entry#*=}") ;;
        esac
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    apt_install "${missing[@]}" ||
        say "going on, but the window cannot open without: ${missing[*]}"
}

# Print the newest Python from 3.11 on for which the module $1 can be imported.
find_python() {
    local name
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        if "$name" -c "import sys, $1; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

# On Debian, venv itself comes with python3 and ensurepip only with python3-venv.
make_venv() {
    say "making a Python environment in $VENV"
    rm -rf "$VENV"
    if command -v uv >/dev/null; then
        uv venv --quiet "$VENV"
        return
    fi
    local python
    if ! python=$(find_python ensurepip); then
        apt_install python3 python3-venv || true
        if ! python=$(find_python ensurepip); then
            say "Python 3.11 or newer with its venv module is needed and was not found."
            exit 1
        fi
    fi
    "$python" -m venv "$VENV"
}

install_packages() {
    say "installing the Python packages into $VENV (1.2 GB, a minute or more, once)"
    # As a file, because pip before 25.1 knows no groups, and would install the program as well.
    "$VENV/bin/python" -c '
import tomllib

with open("pyproject.toml", "rb") as file:
    declared = tomllib.load(file)
print(*declared["project"]["dependencies"], *declared["dependency-groups"]["dev"], sep="\n")
' >"$VENV/requirements.txt"
    if command -v uv >/dev/null; then
        uv pip install --python "$VENV/bin/python" -r "$VENV/requirements.txt" >&2
    else
        # Of pip's 200 lines those that show that it goes on; what goes wrong is on its stderr.
        "$VENV/bin/python" -m pip install --disable-pip-version-check \
            -r "$VENV/requirements.txt" |
            awk '/^Collecting.*\(from -r/ { print "    " $2 }
                 /^Installing/ { print "    all are there, and are installed now" }
                 { fflush() }' >&2
    fi
}

install_qt_libraries
"$VENV/bin/python" -c "" 2>/dev/null || make_venv
if [ ! "$STAMP" -nt pyproject.toml ]; then
    install_packages
    touch "$STAMP"
fi
