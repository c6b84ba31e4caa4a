"""Files of weights: what others find in them, what is taken of theirs, what is refused."""

import io
import json
import math
import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from safetensors import deserialize, safe_open
from safetensors.numpy import load_file, save, save_file

from engine.blocks import Conv, UnknownBlock
from engine.errors import WeightsError
from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.files import export_weights, load_weights
from engine.files.tensors import (
    is_whole,
    read_safetensors,
    read_safetensors_notes,
    safetensors_pieces,
)
from engine.files.untrusted_read import DamagedError
from engine.files.weights_file import (
    ENDINGS,
    load_described,
    load_with_scaling,
    read_content,
    require_known_ending,
)
from engine.imports.weights_match import match_weights
from engine.inputs.scaling import UNIT, Scaling
from engine.model.stack import BlockSlot, ShapeReport
from engine.model.weights import Weights
from tests.approved import assert_approved
from tests.engine.exports.trained import STANDARD, trained
from tests.engine.files.mutants import damage, tried
from tests.engine.files.networks import counted, members_of, small_project, write_members
from tests.engine.memory import less_memory_than
from tests.engine.networks import MODERN, fitting
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
    path = export_small(tmp_path / "W.NPZ")
    assert_loads_the_same(path)
    arrays = READERS[".npz"](path)
    path = tmp_path / "w.npz"
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
    np.savez_compressed(path, **{**arrays, "2.dense.weight": np.zeros((3, 1_000_000), np.float32)})
    assert path.stat().st_size < 20_000
    with pytest.raises(WeightsError, match=r"has a weight of 3×32, the file one of 3×1000000"):
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
    large: Any = np.zeros(1, "V5000000")  # which a zip packs into 5 kB
    np.savez_compressed(path, **{"input.mean": large, "input.deviation": large})
    with less_memory_than(1_000_000), pytest.raises(WeightsError, match="is that of no image"):
        read_content(path)


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


WAYS: tuple[Callable[[Path], Weights], ...] = (by_stack, by_metadata, by_match)


def check(path: Path, original: bytes, count: int) -> None:
    """Read mutants; what is read must be what was written."""
    process, read = psutil.Process(), 0
    before = process.memory_info().rss
    for number in range(-1, count):
        content = original if number < 0 else damage(original, random.Random(number))
        path.write_bytes(content)
        for reader in WAYS:
            weights = tried(reader, path, WeightsError)
            assert weights is not None or number >= 0
            read += weights is not None
            for slot_id, arrays in (weights or {}).items():
                of = {name: NETWORK.weights[slot_id][name] for name in arrays}
                assert same({slot_id: arrays}, {slot_id: of})
    assert read < 0.5 * count * len(WAYS)
    assert process.memory_info().rss - before < 200 * MEGABYTE


@pytest.mark.parametrize("count", [80, pytest.param(20_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_mutant_is_refused_or_is_read_as_the_original(
    tmp_path: Path, ending: str, count: int
) -> None:
    path = tmp_path / f"mutant.{ending}"
    export(NETWORK, path, FORMATS[ending], verify=False)
    check(path, path.read_bytes(), count)


def test_a_network_that_does_not_fit_and_arrays_of_other_names_than_the_metadata_has_are_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "renamed.safetensors"
    export(NETWORK, path, FORMATS["safetensors"], verify=False)
    smaller = msgspec.structs.replace(load_described(path).metadata, input_shape=(1, 1, 1))
    with pytest.raises(DamagedError, match="does not fit together"):
        smaller.read_report()
    with safe_open(path, "numpy") as file:
        notes = file.metadata()
    path.write_bytes(save({f"{name}s": array for name, array in load_file(path).items()}, notes))
    with pytest.raises(WeightsError, match="not those that its metadata names"):
        load_described(path)


COUNT = 300

ARRAYS: dict[str, Any] = {
    "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5,
    "b.half": np.array([0.5, -2], np.float16),
    "c.long": np.array([[1], [2]]),
    "d.bool": np.array([True, False, True]),
    "e.empty": np.zeros((0, 4), np.float32),
    "f.one": np.array(3.0, np.float64),
}
WHOLE = save(ARRAYS, {"format": "pt", "ä": "1"})


def by_library(data: bytes) -> dict[str, tuple[tuple[int, ...], bytes]] | None:
    try:
        found = deserialize(data)  # type: ignore[no-untyped-call]
    except Exception:
        return None
    return {name: (tuple(stored["shape"]), bytes(stored["data"])) for name, stored in found}


@settings(max_examples=20)
@given(
    st.dictionaries(
        st.text(max_size=5),
        array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
        max_size=5,
    ),
    st.sampled_from([{}, {"a": "1"}]),
)
def test_what_is_written_in_pieces_is_what_the_library_writes(
    shapes: dict[str, tuple[int, ...]], notes: dict[str, str]
) -> None:
    shapes.pop("__metadata__", None)
    arrays = {
        name: np.arange(math.prod(shape), dtype=np.float32).reshape(shape).T
        for name, shape in shapes.items()
    }
    written = b"".join(safetensors_pieces(arrays, notes))
    whole = {
        name: np.ascontiguousarray(array).reshape(array.shape) for name, array in arrays.items()
    }
    assert by_library(written) == by_library(save(whole, notes or None))
    assert len(written) == len(save(whole, notes or None))
    assert read_safetensors_notes(written) == notes


def by_us(data: bytes) -> dict[str, tuple[int, ...]] | None:
    try:
        entries = read_safetensors(data)
        read_safetensors_notes(data)
    except Exception:  # who calls it makes one error of all
        return None
    for entry in entries:
        if entry.dtype.startswith("float"):
            assert entry.read().shape == entry.shape
    return {entry.name: entry.shape for entry in entries}


def test_what_it_reads() -> None:
    entries = {entry.name: entry for entry in read_safetensors(WHOLE)}
    assert entries.keys() == ARRAYS.keys()
    assert {name: entry.shape for name, entry in entries.items()} == {
        name: array.shape for name, array in ARRAYS.items()
    }
    assert entries["c.long"].dtype == "I64"
    for name in ("a.weight", "b.half", "e.empty", "f.one"):
        found = entries[name].read()
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, ARRAYS[name])
        found += 1  # it is a copy of its own
    assert read_safetensors_notes(WHOLE) == {"format": "pt", "ä": "1"}
    assert read_safetensors_notes(save(ARRAYS)) == {}


def test_mutants_are_read_as_the_library_reads_them() -> None:
    taken = 0
    for number in range(COUNT):
        data = damage(WHOLE, random.Random(number))
        wanted, found = by_library(data), by_us(data)
        if found is None:
            continue  # one that is stricter does no harm
        taken += 1
        assert wanted is not None, data
        assert found == {name: shape for name, (shape, _) in wanted.items()}
        for entry in read_safetensors(data):
            if entry.dtype == "float32":
                stored = np.frombuffer(wanted[entry.name][1], "<f4").reshape(entry.shape)
                np.testing.assert_array_equal(entry.read(), stored)
    assert 0 < taken < COUNT


@pytest.mark.parametrize(
    "data",
    [b"", b"\1", b"\0" * 8, b"\2" + b"\0" * 7 + b"{}x", WHOLE[:-1], WHOLE + b"\0"],
    # The library writes the notes in any order, so bytes are no name.
    ids=["empty", "short", "no header", "no numbers", "cut", "longer"],
)
def test_what_is_none_is_refused(data: bytes) -> None:
    assert by_library(data) is None
    assert by_us(data) is None


def test_values_are_not_copied_and_a_long_header_is_refused() -> None:
    data = save({"w": np.zeros(1_000_000, np.float32)})
    with less_memory_than(100_000):
        entries = read_safetensors(data)
    assert len(entries[0].read()) == 1_000_000
    long = (9_000_000).to_bytes(8, "little") + b"[" * 9_000_000
    with pytest.raises(DamagedError, match="its header is longer"):
        read_safetensors(long)


def test_a_shape_of_more_axes_than_any_array_has_is_refused_before_its_sizes_are_multiplied() -> (
    None
):
    told = {"dtype": "F32", "shape": [2**53] * 20_000, "data_offsets": [0, 4]}
    header = json.dumps({"w": told}).encode()
    with pytest.raises(msgspec.ValidationError, match="length <= 64"):
        read_safetensors(len(header).to_bytes(8, "little") + header + b"1234")


def test_a_file_is_whole_once_its_last_byte_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    for length in range(len(WHOLE)):
        path.write_bytes(WHOLE[:length])
        assert not is_whole(path)
    path.write_bytes(WHOLE)
    assert is_whole(path)
    path.write_bytes(WHOLE + b"0")
    assert not is_whole(path)
    path.write_bytes(b"\xff" * 100)
    assert not is_whole(path)
