"""Data files damaged at random, under a seed, and read in a process whose memory is measured.

As a program (`python -m tests.engine.data.mutants KINDS FIRST COUNT FOLDER`) it prints what became
of mutants of each kind: those that were read and refused, the peak of memory, what was written.
"""

import gzip
import io
import json
import os
import random
import re
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from engine.data.image_files import image_decoding
from engine.data.image_files.image_cache import decode_images
from engine.data.image_files.image_folder import read_image_archive
from engine.data.image_files.listing import ImageEntry
from engine.data.image_form import AS_IS, ImageForm
from engine.data.parts import Parts
from engine.data.readers.csv_pixels import read_csv
from engine.data.readers.npz import read_npz
from engine.data.reading import unheard
from engine.errors import DataError
from engine.paths import home
from tests.engine.data.pictures import image_bytes
from tests.engine.files.mutants import damage

KINDS = ("image", "csv", "npz", "zip")  # and "bomb", of which there are a few
_CHANGES = ("os.mkdir", "os.rename", "os.symlink", "os.link", "os.truncate")
_TOGETHER = 80  # images


def image_examples() -> list[bytes]:
    """Return image files of all kinds that are read."""
    dice = np.random.default_rng(5)
    colour = dice.integers(0, 256, (20, 24, 4), np.uint8)
    rgb, grey = np.ascontiguousarray(colour[..., :3]), np.ascontiguousarray(colour[..., 0])
    smooth = np.dstack([np.add.outer(np.arange(20), np.arange(24)).astype(np.uint8) * 5] * 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x011A] = 72.0
    turned = {"exif": exif.tobytes()}
    cmyk, palette = io.BytesIO(), io.BytesIO()
    Image.fromarray(rgb).convert("CMYK").save(cmyk, "JPEG")
    Image.fromarray(rgb).quantize(16).save(palette, "PNG", transparency=3)
    return [
        *(image_bytes(each, "PNG") for each in (grey, rgb, colour, grey.astype(np.uint16) * 257)),
        image_bytes(rgb, "PNG", **turned),
        image_bytes(smooth, "PNG"),
        palette.getvalue(),
        *(image_bytes(each, "JPEG") for each in (grey, rgb, smooth)),
        image_bytes(rgb, "JPEG", progressive=True, **turned),
        cmyk.getvalue(),
        *(image_bytes(each, "BMP") for each in (grey, rgb, colour)),
        *(image_bytes(each, "GIF") for each in (grey, rgb, colour)),
        *(image_bytes(each, "WEBP") for each in (rgb, colour)),
        *(image_bytes(each, "WEBP", lossless=True, **turned) for each in (smooth, colour)),
    ]


def csv_examples() -> list[bytes]:
    """Return CSV files of pixels, with names and without, plain and gzipped."""
    dice = random.Random(5)
    rows = [[dice.randrange(3), *(dice.randrange(256) for _ in range(9))] for _ in range(12)]
    plain = "".join(",".join(map(str, row)) + "\n" for row in rows)
    named = "label," + ",".join(f"p{place}" for place in range(9)) + "\n" + plain
    last = "".join(
        ";".join([*(f"{v / 255:.3f}" for v in row[1:]), f"k{row[0]}"]) + "\n" for row in rows
    )
    last = ";".join([*"abcdefghi", "class"]) + "\n" + last
    texts = [text.encode() for text in (plain, named, last)]
    return [*texts, gzip.compress(texts[1], mtime=0)]


def npz_examples() -> list[bytes]:
    """Return archives of arrays, packed and not."""
    dice = np.random.default_rng(5)
    images, labels = dice.integers(0, 256, (8, 5, 5), np.uint8), np.arange(8) % 3
    words = np.array(["ant", "bee"])[labels % 2]
    files = []
    for save, arrays in (
        (np.savez, {"x": images, "y": labels}),
        (
            np.savez_compressed,
            {
                "x_train": images / 255,
                "y_train": words,
                "x_test": images[:2] / 255,
                "y_test": words[:2],
            },
        ),
    ):
        written = io.BytesIO()
        save(written, allow_pickle=False, **arrays)
        files.append(written.getvalue())
    return files


def zip_examples() -> list[bytes]:
    """Return archives of images in class folders, packed and not."""
    images = image_examples()
    files = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", method) as archive:
            for place, content in enumerate((images[0], images[1], images[8], images[12])):
                archive.writestr(f"pets/{'cat' if place % 2 else 'dog'}/{place}.png", content)
            archive.writestr("pets/README.txt", b"pets")
        files.append(written.getvalue())
    return files


def mutants(examples: list[bytes], numbers: range) -> Iterator[bytes]:
    """Damage one example after the other, each time as a number says.

    Every second mutant of an archive is sound but for the content of one member.
    """
    for number in numbers:
        dice, example = random.Random(number), examples[number % len(examples)]
        inside = example.startswith(b"PK") and dice.randrange(2)
        yield _damaged_inside(example, dice) if inside else damage(example, dice)


def _damaged_inside(example: bytes, dice: random.Random) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(example)) as old, zipfile.ZipFile(written, "w") as new:
        chosen = dice.choice(old.namelist())
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, damage(content, dice) if name == chosen else content)
    return written.getvalue()


def read_images(numbers: range) -> tuple[int, int]:
    """Decode mutants of images; return how many were read and refused."""
    found = refused = 0
    every = list(mutants(image_examples(), numbers))
    for start in range(0, len(every), _TOGETHER):
        files = [
            ImageEntry(f"{start + place}", lambda content=content: io.BytesIO(content))  # type: ignore[misc]
            for place, content in enumerate(every[start : start + _TOGETHER])
        ]
        form = AS_IS if start // _TOGETHER % 2 else ImageForm(16, "rgb", "crop")
        decoded = decode_images(files, form, "mutants", unheard)
        assert decoded.images[:].dtype == np.uint8
        assert len(decoded.images) == len(decoded.places)
        found += len(decoded.places)
        refused += len(decoded.refused)
        for each in decoded.refused:
            assert re.fullmatch(r"[^\n]+\.", each.reason), each
    assert found + refused == len(numbers)
    return found, refused


def read_files(
    examples: list[bytes], numbers: range, path: Path, read: Callable[[Path], Parts]
) -> tuple[int, int]:
    """Read mutants of whole files; return how many were read and refused."""
    found = 0
    for content in mutants(examples, numbers):
        path.write_bytes(content)
        try:
            parts = read(path)
        except DataError as refusal:
            said = str(refusal)
        else:
            said, found = "", found + 1
        if said:
            assert said.startswith((str(path), path.name)), said
            assert "\n" not in said
            continue
        for part in (parts.training, *([parts.test] if parts.test else [])):
            assert part.images.shape[1] in (1, 3)
            assert len(part.images) == len(part.numbers)
            assert len(part) == 0 or part.numbers.min() >= 0
    return found, len(numbers) - found


def bombs(path: Path, size: int) -> None:
    """Write an archive of images that unpack to so many MB, or say that they are as large."""
    png, jpeg, webp = (
        image_bytes(np.zeros((8, 8, 3), np.uint8), kind) for kind in ("PNG", "JPEG", "WEBP")
    )
    text = struct.pack(">I4s", 2**31 - 1, b"tEXt")
    segment = b"\xff\xe1\xff\xff" + bytes(65_533)
    written = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(written, "PNG")
    starts = {
        "zeros": (b"", bytes(1 << 20)),
        "long.png": (png, bytes(1 << 20)),
        "text.png": (png[:33] + text, bytes(1 << 20)),
        "segments.jpg": (jpeg[:2], segment * 16),
        "long.webp": (webp, bytes(1 << 20)),
        "long.gif": (b"GIF89a" + bytes(7), bytes(1 << 20)),
        "large.bmp": (
            b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 65535, 65535, 1, 24),
            bytes(1 << 20),
        ),
        "megapixels.png": (written.getvalue(), b""),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("cat/sound.png", png)
        archive.writestr("dog/sound.png", png)
        for name, (start, more) in starts.items():
            with archive.open(f"cat/{name if '.' in name else name + '.png'}", "w") as member:
                member.write(start)
                for _ in range(size):
                    member.write(more)


def main(kinds: Sequence[str], numbers: range, folder: Path) -> list[dict[str, Any]]:
    """Read mutants of some kinds, and watch what is written meanwhile but for the cache."""
    written = list[str]()
    ours = str(folder / "mutant."), str(home() / "cache")

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            name, _, flags = arguments
            changes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        else:
            name, changes = arguments and arguments[0], event in _CHANGES
        if changes and not str(name).startswith(ours):
            written.append(f"{event} {name}")

    sys.addaudithook(watch)
    every = []
    for kind in kinds:
        found, refused = read_mutants(kind, numbers, folder / f"mutant.{kind}")
        every.append({"read": found, "refused": refused, "peak": _peak(), "written": written})
    return every


def read_mutants(kind: str, numbers: range, path: Path) -> tuple[int, int]:
    """Read mutants of a kind; return how many were read and refused."""
    if kind == "image":
        return read_images(numbers)
    if kind == "bomb":
        bombs(path, len(numbers))
        image_decoding.MOST_BYTES = min(image_decoding.MOST_BYTES, (len(numbers) - 1) << 20)
        parts = read_image_archive(path, AS_IS, unheard)
        return len(parts.training), len(parts.refused)
    examples, read = {
        "csv": (csv_examples, read_csv),
        "npz": (npz_examples, read_npz),
        "zip": (zip_examples, lambda path: read_image_archive(path, AS_IS, unheard)),
    }[kind]
    return read_files(examples(), numbers, path, read)


def _peak() -> int:
    """Return the most memory that this program ever had, in bytes; 0 where Linux does not say.

    What getrusage says begins with the memory of the process that has started this one.
    """
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    start, wanted = int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(main(sys.argv[1].split(","), range(start, start + wanted), Path(sys.argv[4]))))
