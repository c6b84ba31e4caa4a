#!/usr/bin/env bash
# Install the package of dist/ on this machine, as root; use it; remove it: nothing is left.
set -euo pipefail
cd "$(dirname "$0")/../.."

deb=$(ls dist/layerscope_*.deb)
dpkg --contents "$deb" | awk '{ print substr($6, 2) }' | grep -v '/$' >build/deb-files
apt-get install -y --no-install-recommends "./$deb" xdg-utils shared-mime-info desktop-file-utils libglib2.0-bin

layerscope --version
folder=$(mktemp -d)
export HOME=$folder XDG_DATA_HOME=$folder/share LAYERSCOPE_HOME=$folder/home
(cd "$folder" && layerscope new digits a.layerscope && layerscope check a.layerscope)
export XDG_CURRENT_DESKTOP=GNOME  # without a desktop, xdg-mime asks `file`, which knows no types of ours
test "$(xdg-mime query filetype "$folder/a.layerscope")" = application/x-layerscope-project
test "$(xdg-mime query default application/x-layerscope-project)" = layerscope.desktop
LAYERSCOPE_BUNDLE=/usr/lib/layerscope "${PYTHON:-.venv/bin/python}" -m pytest -o faulthandler_timeout=0 tools/bundle

dpkg --purge layerscope
while read -r file; do
    test ! -e "$file" || { echo "left: $file" >&2; exit 1; }
done <build/deb-files
test ! -e /usr/lib/layerscope
test -z "$(grep -rl layerscope /usr/share/applications /usr/share/mime)"
rm -rf "$folder"
echo "deb: installed, used, removed"
