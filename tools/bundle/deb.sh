#!/usr/bin/env bash
# Make dist/layerscope_VERSION_ARCH.deb of dist/layerscope/, and check it. Nothing is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
umask 022

TOOLS="lintian desktop-file-utils appstream libxml2-utils"
# shellcheck disable=SC2086
dpkg-query --show $TOOLS >/dev/null || {
    echo "deb: please run: sudo apt-get install --no-install-recommends $TOOLS" >&2
    exit 1
}

ROOT=build/deb
BUNDLE=$ROOT/usr/lib/layerscope
SHARE=$ROOT/usr/share
VERSION=$(dist/layerscope/layerscope --version | cut -d ' ' -f 2)
ARCHITECTURE=$(dpkg --print-architecture)
DEB=dist/layerscope_${VERSION}_$ARCHITECTURE.deb
MAINTAINER="The authors of Layerscope <layerscope@example.org>"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

rm -rf "$ROOT"
mkdir -p "$ROOT"/{DEBIAN,usr/{bin,lib}} "$SHARE"/{doc/layerscope,lintian/overrides,metainfo}
cp -a dist/layerscope "$BUNDLE"
find "$BUNDLE" -type f -exec chmod 644 {} +
chmod 755 "$BUNDLE/layerscope"
ln -s ../lib/layerscope/layerscope "$ROOT/usr/bin/layerscope"

cp -r resources/share/. "$SHARE/"  # the entry in the menu, the icons, the type of projects
cp tools/bundle/layerscope.metainfo.xml "$SHARE/metainfo/"
cp tools/bundle/lintian-overrides "$SHARE/lintian/overrides/layerscope"
cp tools/bundle/copyright "$SHARE/doc/layerscope/"
gzip -9n >"$SHARE/doc/layerscope/changelog.gz" <<END
layerscope ($VERSION) unstable; urgency=medium

  * The bundle of Layerscope $VERSION.

 -- $MAINTAINER  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END

cat >"$ROOT/DEBIAN/control" <<END
Package: layerscope
Version: $VERSION
Architecture: $ARCHITECTURE
Maintainer: $MAINTAINER
Installed-Size: $(du -sk "$ROOT/usr" | cut -f 1)
Depends: fontconfig-config, libc6 (>= $(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)), libegl1, libgl1, libxcb1
Recommends: libwayland-client0, libwayland-cursor0, libwayland-egl1
Section: education
Priority: optional
Description: build small convolutional networks, train them and look inside
 Layerscope is a program in which you click a small convolutional network
 together, train it on handwritten digits or on images of your own, and look
 inside while it learns.
 .
 This package holds its own Python and all that it needs of it.
END
(cd "$ROOT" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$ROOT/DEBIAN/md5sums"

desktop-file-validate "$SHARE"/applications/*.desktop
xmllint --noout "$SHARE"/mime/packages/*.xml
# There is no domain to name it by, and no page to lead to.
appstreamcli validate --no-net --override=cid-desktopapp-is-not-rdns=info,url-homepage-missing=info \
    "$SHARE"/metainfo/*.xml
dpkg-deb --root-owner-group -Zxz --build "$ROOT" "$DEB"
lintian --fail-on error,warning "$DEB"
