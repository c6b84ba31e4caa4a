"""Make image files for tests, and read their pixels back by Pillow alone."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DICE = np.random.default_rng(14)


def noise(height: int = 4, width: int = 4, channels: int = 3) -> NDArray[np.uint8]:
    """Return random pixels (height, width, channels), of one channel (height, width)."""
    pixels = DICE.integers(0, 256, (height, width, channels), np.uint8)
    return pixels[..., 0] if channels == 1 else pixels


def image_bytes(pixels: NDArray[np.generic], kind: str = "PNG", **options: Any) -> bytes:
    """Return the bytes of an image file."""
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, kind, **options)
    return written.getvalue()


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder, with the folders in their names."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_archive(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write a ZIP archive of files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def shades(names: Iterable[str]) -> dict[str, bytes]:
    """Make a grey PNG of each name, the i-th filled with the value i."""
    return {name: image_bytes(np.full((2, 2), place, np.uint8)) for place, name in enumerate(names)}


def ill_files() -> dict[str, bytes]:
    """Make an image that is turned, one that is partly transparent, a wide one, and one cut off."""
    exif = Image.Exif()
    exif[0x0112] = 6  # it lies on its right side
    return {
        "cat/turned.jpg": image_bytes(noise(2, 2), "JPEG", exif=exif.tobytes()),
        "dog/clear.png": image_bytes(np.zeros((2, 2, 4), np.uint8)),
        "dog/wide.png": image_bytes(noise(2, 6)),
        "dog/empty.png": b"",
    }
