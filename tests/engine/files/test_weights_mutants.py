"""Damaged weights files with metadata: refused in one way, or read as what they were."""

import random
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from engine.errors import WeightsError
from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.files.weights_file import load_described, load_with_scaling
from engine.imports.weights_match import match_weights
from engine.model.weights import Weights
from tests.engine.exports.trained import STANDARD, trained
from tests.engine.files.mutants import damage, tried
from tests.engine.networks import MODERN, fitting
from tests.engine.training_runs import same

MEGABYTE = 1_000_000

NETWORK = trained(fitting(MODERN, loss="cross_entropy"), "cross_entropy", standard=True)


def by_stack(path: Path) -> Weights:
    weights, scaling = load_with_scaling(path, NETWORK.report)
    assert scaling == STANDARD
    return weights


def by_metadata(path: Path) -> Weights:
    found = load_described(path)
    assert found.scaling == STANDARD
    assert [row.slot for row in found.report.rows] == list(NETWORK.project.stack)
    assert found.metadata.classes == NETWORK.class_names
    return found.weights


def by_match(path: Path) -> Weights:
    return match_weights(path, NETWORK.report).weights


READERS: tuple[Callable[[Path], Weights], ...] = (by_stack, by_metadata, by_match)


def check(path: Path, original: bytes, count: int) -> None:
    """Read mutants; what is read must be what was written."""
    process, read = psutil.Process(), 0
    before = process.memory_info().rss
    for number in range(-1, count):
        content = original if number < 0 else damage(original, random.Random(number))
        path.write_bytes(content)
        for reader in READERS:
            weights = tried(reader, path, WeightsError)
            assert weights is not None or number >= 0
            read += weights is not None
            for slot_id, arrays in (weights or {}).items():
                of = {name: NETWORK.weights[slot_id][name] for name in arrays}
                assert same({slot_id: arrays}, {slot_id: of})
    assert read < 0.5 * count * len(READERS)
    assert process.memory_info().rss - before < 200 * MEGABYTE


@pytest.mark.parametrize("count", [200, pytest.param(20_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_mutant_is_refused_or_is_read_as_the_original(
    tmp_path: Path, ending: str, count: int
) -> None:
    path = tmp_path / f"mutant.{ending}"
    export(NETWORK, path, FORMATS[ending], verify=False)
    check(path, path.read_bytes(), count)
