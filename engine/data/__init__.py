"""Digits and other small images: read from IDX files, selected by class, handed over in batches."""

from engine.data.dataset import Dataset
from engine.data.sources import load, load_pair

__all__ = ["Dataset", "load", "load_pair"]
