"""Files of weights: what other programs find in them, what is taken of theirs, what is refused."""

import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.blocks import Conv, UnknownBlock
from engine.errors import WeightsError
from engine.files import export_weights, load_weights
from engine.files.weights_file import (
    ENDINGS,
    load_with_scaling,
    read_content,
    require_known_ending,
)
from engine.inputs.scaling import UNIT, Scaling
from engine.model.stack import BlockSlot, ShapeReport
from engine.model.weights import Weights
from tests.approved import assert_approved
from tests.engine.files.networks import counted, members_of, small_project, write_members
from tests.engine.memory import less_memory_than
from tests.engine.training_runs import same

Arrays = dict[str, Any]
SCALING = "mean", "deviation"

READERS: dict[str, Callable[[Path], Arrays]] = {
    ".npz": lambda path: dict(np.load(path, allow_pickle=False)),
    ".safetensors": load_file,
}
WRITERS: dict[str, Callable[[Path, Arrays], object]] = {
    ".npz": lambda path, arrays: np.savez(path, **arrays),
    ".safetensors": lambda path, arrays: save_file(arrays, path),
}


def report() -> ShapeReport:
    return small_project().check()


def export_small(path: Path, scaling: Scaling | None = None) -> Path:
    """Export the weights of the small project."""
    project = small_project()
    export_weights(path, project.stack, project.weights, scaling=scaling)
    return path


@pytest.fixture(params=ENDINGS)
def exported(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return export_small(tmp_path / f"weights{request.param}")


def assert_loads_the_same(path: Path) -> None:
    loaded, wanted = load_weights(path, report()), small_project().weights
    assert {slot_id: list(arrays) for slot_id, arrays in loaded.items()} == {
        1: ["weight", "bias"],
        2: [],
        3: ["weight", "bias"],
        4: [],
    }
    assert same(loaded, wanted)


def test_other_programs_find_the_names_shapes_and_order_of_the_axes(exported: Path) -> None:
    arrays = READERS[exported.suffix](exported)
    assert sorted(arrays) == ["0.conv.bias", "0.conv.weight", "2.dense.bias", "2.dense.weight"]
    assert {array.dtype for array in arrays.values()} == {np.dtype("<f4")}
    assert arrays["0.conv.weight"].shape == (2, 1, 3, 3)  # depth, channels, k, k
    assert arrays["0.conv.weight"][1, 0, 2, 1] == (9 + 2 * 3 + 1) / 8
    assert arrays["0.conv.bias"].shape == (2, 4, 4)
    assert arrays["2.dense.weight"].shape == (3, 32)  # units, inputs
    assert arrays["2.dense.weight"][2, 5] == (2 * 32 + 5) / 8


@pytest.mark.parametrize("ending", ENDINGS)
def test_arrays_in_another_memory_order_are_exported_right(ending: str, tmp_path: Path) -> None:
    project = small_project()
    weights: Weights = {
        slot_id: {name: np.asfortranarray(array) for name, array in arrays.items()}
        for slot_id, arrays in project.weights.items()
    }
    path = tmp_path / f"w{ending}"
    export_weights(path, project.stack, weights)
    assert_loads_the_same(path)
    np.testing.assert_array_equal(READERS[ending](path)["2.dense.weight"], counted(3, 32))


def test_npz_of_other_programs_is_taken(tmp_path: Path) -> None:
    path = export_small(tmp_path / "w.npz")
    arrays = READERS[".npz"](path)
    np.savez_compressed(path, **arrays)
    assert_loads_the_same(path)
    turned = {name: np.asfortranarray(array).astype(">f4") for name, array in arrays.items()}
    np.savez(path, **turned)  # type: ignore[arg-type]
    assert_loads_the_same(path)


@pytest.mark.parametrize("name", ["w.pt", "w.h5", "w", "w.layerscope"])
def test_other_endings_are_refused_with_those_that_are_known(name: str, tmp_path: Path) -> None:
    project = small_project()
    for attempt in (
        lambda: export_weights(tmp_path / name, project.stack, project.weights),
        lambda: load_weights(tmp_path / name, report()),
        lambda: require_known_ending(tmp_path / name),
    ):
        with pytest.raises(WeightsError, match=r"End it in \.safetensors or \.npz"):
            attempt()
    assert os.listdir(tmp_path) == []


def test_the_ending_may_be_in_capitals(tmp_path: Path) -> None:
    assert_loads_the_same(export_small(tmp_path / "W.NPZ"))


def change(name: str, value: object) -> Callable[[Arrays], object]:
    return lambda arrays: arrays.update({name: value})


EDITS: tuple[Callable[[Arrays], object], ...] = (
    change("0.conv.weight", np.ones((8, 1, 5, 5), np.float32)),
    change("2.dense.weight", np.ones((10, 32), np.float32)),
    change("2.dense.bias", np.array(1, np.float32)),
    lambda arrays: arrays.pop("2.dense.bias"),
    lambda arrays: arrays.clear(),
    change("4.dense.bias", np.ones(2, np.float32)),
    change("1.conv.bias", np.ones(2, np.float32)),
    change("0.conv.gain", np.ones(2, np.float32)),
    change("2.dense.bias", np.ones(3, np.float64)),
    change("2.dense.bias", np.ones(3, np.int32)),
    change("2.dense.bias", np.array([1, np.nan, 1], np.float32)),
    change("2.dense.bias", np.array([1, np.inf, 1], np.float32)),
)
MEANS_AND_DEVIATIONS = (
    *(([0.1], None), (None, [0.1]), ([0.1], [0.0]), ([0.1], [-0.1]), ([np.nan], [0.1])),
    *(([0.1], [np.inf]), ([0.1, 0.2], [0.1, 0.2]), ([0.1, 0.2, 0.3], [0.1])),
)


def test_weights_that_are_not_the_networks_are_refused_in_approved_words(exported: Path) -> None:
    whole, said = READERS[exported.suffix](exported), ""
    scalings = [
        {f"input.{n}": np.array(v, np.float32) for n, v in zip(SCALING, pair, strict=True) if v}
        for pair in MEANS_AND_DEVIATIONS
    ]
    scalings.append({f"input.{name}": np.array([], np.float32) for name in SCALING})
    for edit in (*EDITS, *(lambda arrays, each=each: arrays.update(each) for each in scalings)):
        arrays = dict(whole)
        edit(arrays)
        WRITERS[exported.suffix](exported, arrays)
        with pytest.raises(WeightsError) as refused:
            load_weights(exported, report())
        assert str(refused.value).startswith(str(exported))
        said += f"{refused.value}\n".replace(str(exported), "FILE")
    assert_approved(f"refused_weights{exported.suffix}.txt", said)


def test_files_of_another_kind_are_refused(exported: Path) -> None:
    whole = exported.read_bytes()
    other = next(ending for ending in ENDINGS if ending != exported.suffix)
    for content in (b"", b"x", whole[:-1], whole[:100], b"\x80\x04K\x01." * 30):
        exported.write_bytes(content)
        with pytest.raises(WeightsError, match="is damaged or no"):
            load_weights(exported, report())
    exported.with_suffix(other).write_bytes(whole)
    with pytest.raises(WeightsError, match="is damaged or no"):
        load_weights(exported.with_suffix(other), report())
    with pytest.raises(WeightsError, match="does not exist"):
        load_weights(exported.with_name(f"missing{exported.suffix}"), report())


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "sprung"),)

    path = tmp_path / "w.npz"
    np.savez(path, **{"0.conv.weight": np.array([Trap()], dtype=object)})  # type: ignore[arg-type]
    with pytest.raises(WeightsError):
        load_weights(path, report())
    assert os.listdir(tmp_path) == ["w.npz"]


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    path = export_small(tmp_path / "w.npz")
    arrays = READERS[".npz"](path)
    np.savez_compressed(path, **{**arrays, "2.dense.weight": np.zeros((3, 8_000_000), np.float32)})
    assert path.stat().st_size < 200_000
    with pytest.raises(WeightsError, match=r"has a weight of 3×32, the file one of 3×8000000"):
        load_weights(path, report())


@pytest.mark.parametrize("tail", [b"", bytes(8)], ids=["short", "long"])
def test_a_member_must_be_as_long_as_its_header_says(tmp_path: Path, tail: bytes) -> None:
    path = export_small(tmp_path / "w.npz")
    members = members_of(path)
    bias = members["2.dense.bias.npy"]
    write_members(path, {**members, "2.dense.bias.npy": bias + tail if tail else bias[:-4]})
    with pytest.raises(WeightsError, match="shorter or longer than it says"):
        load_weights(path, report())


def test_a_header_of_a_later_version_or_a_name_twice_is_refused(tmp_path: Path) -> None:
    member = io.BytesIO()
    np.lib.format.write_array(member, counted(3), version=(2, 0))
    members = {"2.dense.bias.npy": member.getvalue()}
    path = write_members(tmp_path / "w.npz", members)
    with pytest.raises(WeightsError, match="unusual version"):
        load_weights(path, report())
    write_members(path, {**members, "2.dense.bias": member.getvalue()})
    with pytest.raises(WeightsError, match="a name occurs twice"):
        load_weights(path, report())


def test_a_network_that_does_not_fit_takes_no_weights(exported: Path) -> None:
    project = small_project()
    other = replace(project, settings=project.settings.with_changes(classes=(0, 1)))
    with pytest.raises(WeightsError, match="the network does not fit: Block 4"):
        load_weights(exported, other.check())


def test_only_whole_and_finite_weights_are_exported(exported: Path) -> None:
    before = exported.read_bytes()
    project = small_project()
    with pytest.raises(WeightsError, match=r"block 3 \(Dense 3\) has no trained weights"):
        export_weights(exported, project.stack, {1: project.weights[1]})
    stale = {**project.weights, 3: {"weight": counted(3, 31), "bias": counted(3)}}
    with pytest.raises(WeightsError, match=r"block 3 \(Dense 3\) has no trained weights"):
        export_weights(exported, project.stack, stale)
    project.weights[1]["bias"][0, 0, 0] = -np.inf
    with pytest.raises(WeightsError, match=r"the bias of block 1 .*not finite"):
        export_weights(exported, project.stack, project.weights)
    for block in (Conv(kernel_size=9), UnknownBlock({"kind": "lstm"}, "it is not known")):
        stack = replace(project.stack, slots=(BlockSlot(1, block),))
        with pytest.raises(WeightsError, match=r"does not fit: Block 1 "):
            export_weights(exported, stack, project.weights)
    assert exported.read_bytes() == before


def test_a_library_that_writes_wrong_values_is_found_out(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = exported.read_bytes()
    project = small_project()
    double = {3: {**project.weights[3], "bias": project.weights[3]["bias"].astype(np.float64)}}
    with pytest.raises(WeightsError, match="read back, the weights are not those"):
        export_weights(exported, project.stack, {**project.weights, **double})
    # What C-contiguity protects from: the values in memory order, under the shape in the header.
    monkeypatch.setattr("engine.files.tensors.np.ascontiguousarray", lambda a: a.copy() + 1)
    with pytest.raises(WeightsError, match="read back, the weights are not those"):
        export_weights(exported, project.stack, project.weights)
    assert exported.read_bytes() == before


# The scaling of the images


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "scaling", [Scaling((0.125,), (0.5,)), Scaling((0.0, 0.5, 1.0), (1.0,) * 3)]
)
def test_a_standard_scaling_is_in_the_file(tmp_path: Path, ending: str, scaling: Scaling) -> None:
    path = export_small(tmp_path / f"w{ending}", scaling)
    arrays = READERS[ending](path)
    np.testing.assert_array_equal(arrays["input.mean"], scaling.mean)
    np.testing.assert_array_equal(arrays["input.deviation"], scaling.deviation)
    assert load_with_scaling(path, report())[1] == scaling
    assert_loads_the_same(path)


def test_without_one_nothing_is_said_of_it(exported: Path) -> None:
    names = READERS[exported.suffix](exported).keys()
    assert load_with_scaling(exported, report())[1] is None
    export_small(exported, UNIT)
    assert READERS[exported.suffix](exported).keys() == names


def test_a_scaling_of_another_type_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    large: Any = np.zeros(1, "V30000000")  # which a zip packs into 30 kB
    np.savez_compressed(path, **{"input.mean": large, "input.deviation": large})
    with less_memory_than(1_000_000), pytest.raises(WeightsError, match="is that of no image"):
        read_content(path)
