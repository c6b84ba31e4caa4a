"""Which plugins of Qt the bundle holds; PyInstaller's own hook, in place of this one, takes all.

The others would bring GTK, the network and QML with them, where the system or a package has these.
"""

import re
from pathlib import Path

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

USED = re.compile(
    r"/plugins/(iconengines|imageformats/(lib)?q(?!pdf)|styles|wayland-|xcbglintegrations"
    r"|platforms/(lib)?q(cocoa|offscreen|wayland|windows|xcb)"
    r"|platformthemes/libqxdg|platforminputcontexts/lib(compose|ibus))"
)
hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [each for each in binaries if USED.search(Path(each[0]).as_posix())]
