"""What a network makes of a digit, and what colours are seen in a picture of it."""

import numpy as np
from PySide6.QtGui import QColor, QImage

from engine.inspection.snapshot import Sample, Snapshot, take_snapshot
from engine.model.project import Project


def seen(project: Project) -> Snapshot:
    """Look at a digit that is a frame."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 5:23, 5] = image[0, 5:23, 22] = image[0, 5, 5:23] = image[0, 22, 5:23] = 255
    return take_snapshot(project.network(), Sample(image, project.settings.classes, 2, 0))


def has_colour(image: QImage, colour: QColor) -> bool:
    rgb = colour.rgb()
    return any(
        image.pixel(x, y) == rgb for x in range(image.width()) for y in range(image.height())
    )
