"""What a scene draws from pictures that it keeps, drawn anew while it goes into a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene


@contextmanager
def sharp_items(scene: QGraphicsScene) -> Iterator[None]:
    """Have points and numbers of a scene drawn, in place of pictures of them."""
    items: list[Any] = [item for item in scene.items() if hasattr(item, "setExportMode")]
    kept = [item.cacheMode() for item in items]
    for item in items:
        item.setExportMode(True, {"antialias": True, "resolutionScale": 1.0})
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    try:
        yield
    finally:
        for item, mode in zip(items, kept, strict=True):
            item.setExportMode(False)
            item.setCacheMode(mode)
