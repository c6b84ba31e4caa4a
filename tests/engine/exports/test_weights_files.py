"""The formats npz and safetensors: what other programs find in them, and their proof."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from safetensors import safe_open

from engine.blocks import BatchNorm, Conv, Dense, Reshape, Softmax
from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import no_report
from engine.version import version
from tests.engine.exports.trained import trained, trained_networks
from tests.engine.networks import fitting

BLOCKS = (Conv(depth=2), BatchNorm(), Reshape(), Dense(units=3), Softmax())
ENDINGS = ("npz", "safetensors")
each_ending = pytest.mark.parametrize("ending", ENDINGS)


def network() -> TrainedNetwork:
    made = trained(fitting(BLOCKS, loss="cross_entropy"), "cross_entropy", standard=True)
    slots = (replace(made.project.stack.slots[0], title="Kanten 🙂"), *made.project.stack.slots[1:])
    chosen = made.settings.with_changes(dataset="/home/anna/äpfel")
    stack = replace(made.project.stack, slots=slots)
    project = replace(made.project, stack=stack, settings=chosen, class_names=("ä", "b", "c"))
    return TrainedNetwork.of(project, made.training, made.test)


def notes_of(path: Path) -> dict[str, Any]:
    """Read the metadata as another program would."""
    if path.suffix == ".npz":
        found: dict[str, Any] = json.loads(str(np.load(path, allow_pickle=False)["metadata"]))
        return found
    with safe_open(path, "numpy") as file:
        return {name: json.loads(text) for name, text in file.metadata().items()}


@each_ending
def test_the_metadata_tells_the_network(tmp_path: Path, ending: str) -> None:
    path, made = tmp_path / f"w.{ending}", network()
    export(made, path, FORMATS[ending])
    notes = notes_of(path)
    assert notes["version"] == version()
    assert notes["input_shape"] == [1, 6, 6]
    assert notes["classes"] == ["ä", "b", "c"]
    assert notes["epochs"] == 3
    assert notes["scaling"] == {"mean": [0.25], "deviation": [0.375]}
    assert notes["data"] == {"name": "äpfel", "digest": made.data_digest(), "samples": 20}
    assert len(made.data_digest()) == 64
    first, *_, last = notes["stack"]
    assert first["title"] == "Kanten 🙂"
    assert first["block"]["kind"] == "conv"
    assert first["block"]["depth"] == 2
    assert first["block"]["padding"] == "valid"  # also what was left as it is
    assert last == {"id": 5, "title": "", "locked": False, "block": {"kind": "softmax"}}
    assert b"anna" not in path.read_bytes()


@each_ending
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=trained_networks())
def test_random_networks_are_proved_in_both_ways(
    tmp_path: Path, ending: str, made: TrainedNetwork
) -> None:
    outcome = export(made, tmp_path / f"w.{ending}", FORMATS[ending])
    assert [verdict.way for verdict in outcome.verdicts] == ["read back", "numpy"]
    assert outcome.verified == "numpy"
    for verdict in outcome.verdicts:
        assert (verdict.samples, verdict.agree) == (20, 20)
        assert len(verdict.blocks) == len(made.report.rows)
        assert verdict.largest < 1e-4


@each_ending
def test_the_proof_notices_each_array_and_each_option(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Export one network under the name of another: every way names the first other block."""
    made = network()
    kind, path = FORMATS[ending], tmp_path / f"w.{ending}"
    for slot_id, arrays in made.weights.items():
        for name, array in arrays.items():
            changed = array + np.float32(0.25)
            other = {**made.weights, slot_id: {**arrays, name: changed}}
            files = kind.files(replace(made, weights=other), no_report)
            lying = replace(kind, files=partial(lambda files, *_: files, files))
            with pytest.raises(Exception, match=rf"Block {slot_id} \(.*first that differs"):
                export(made, path, lying)
            assert not path.exists()
