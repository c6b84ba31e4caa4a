"""The content of data as a fingerprint, to tell later whether it is still the same."""

import hashlib
import itertools
import math

import numpy as np

from engine.data.dataset import Dataset
from engine.data.images import LARGE, Images, blocks


def fingerprint(*parts: Dataset) -> str:
    """Return the fingerprint of the images, labels and classes of some samples.

    Of very many images, of which not all are held in memory, it is that of some all over them.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr((part.images.shape, part.classes, part.class_names)).encode())
        digest.update(np.ascontiguousarray(part.labels, dtype="<i8").data)
        _add_images(digest, part.images)
    return digest.hexdigest()


def _add_images(digest: "hashlib._Hash", images: Images) -> None:
    step = math.ceil(math.prod(images.shape) / LARGE)
    for block in itertools.islice(blocks(images), 0, None, max(1, step)):
        digest.update(np.ascontiguousarray(images[block]).data)
