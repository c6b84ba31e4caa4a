"""Draw the icon of the program in the sizes that desktops ask for: `python tools/make_icons.py`."""

from pathlib import Path

from PySide6.QtGui import QGuiApplication, QIcon

ICONS = Path(__file__).parents[1] / "resources" / "share" / "icons" / "hicolor"
SIZES = (48, 128, 256)


def main() -> None:
    """Write them beside the drawing."""
    app = QGuiApplication(["make_icons", "-platform", "offscreen"])
    drawing = QIcon(str(ICONS / "scalable" / "apps" / "layerscope.svg"))
    for size in SIZES:
        path = ICONS / f"{size}x{size}" / "apps" / "layerscope.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        drawing.pixmap(size, size).save(str(path))
    app.quit()


if __name__ == "__main__":
    main()
