"""Read the images to train and to test with."""

import gzip
import sys

import numpy as np
import torch

from model import CLASSES, IMAGE_SHAPE


def read_data(path, numbers):
    """Return (images, labels) of the parts train and test, and valid if there is one.

    The path is that of an .npz file with x_train, y_train, x_test and y_test, or of a folder with
    the four IDX files of MNIST. Labels are the numbers of the classes, or their names.
    """
    if not path.exists():
        sys.exit(f"{path} does not exist. Give an .npz file, or a folder of IDX files, as --data.")
    found = {}
    if path.is_dir():
        for part, prefix in ("train", "train"), ("test", "t10k"):
            found[f"x_{part}"] = read_idx(path, f"{prefix}-images-idx3-ubyte")
            found[f"y_{part}"] = read_idx(path, f"{prefix}-labels-idx1-ubyte")
    else:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    for name in "x_train", "y_train", "x_test", "y_test":
        if name not in found:
            sys.exit(f"{path} holds no {name}.")
    parts = [part for part in ("train", "valid", "test") if f"x_{part}" in found]
    return {part: labelled(path, found[f"x_{part}"], found[f"y_{part}"], numbers) for part in parts}


def labelled(path, images, labels, numbers):
    """Return images (n, channels, height, width) and the outputs (n,) that should be largest."""
    if images.ndim == 3:
        images = images[:, None]
    elif images.shape[1:] != IMAGE_SHAPE:
        images = np.moveaxis(images, -1, 1)
    if images.dtype != np.uint8 or images.shape[1:] != IMAGE_SHAPE or len(images) != len(labels):
        shape = "×".join(map(str, IMAGE_SHAPE))
        sys.exit(f"{path} must hold images of {shape} bytes, with a label for each.")
    classes = CLASSES if labels.dtype.kind == "U" else numbers
    output_of = {name: output for output, name in enumerate(classes)}
    outputs = np.array([output_of.get(label, -1) for label in labels.ravel().tolist()])
    kept = outputs >= 0
    if not kept.any():
        sys.exit(f"{path} holds no image of the classes {', '.join(map(str, classes))}.")
    return torch.from_numpy(np.ascontiguousarray(images[kept])), torch.from_numpy(outputs[kept])


def read_idx(folder, name):
    """Return the array of an IDX file, packed by gzip or not."""
    for path in folder / name, folder / f"{name}.gz":
        if path.exists():
            data = path.read_bytes()
            if path.suffix == ".gz":
                data = gzip.decompress(data)
            sizes = np.frombuffer(data, ">i4", data[3], offset=4)
            return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(sizes)
    sys.exit(f"{folder} holds no {name}, nor {name}.gz.")
