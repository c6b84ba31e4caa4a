"""What an export writes where, and what stays when it comes to nothing."""

import errno
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from engine.array_types import Array, Shape
from engine.blocks.reshape import ReshapeLayer
from engine.blocks.rules import SameShape
from engine.errors import ExportError
from engine.exports.export import DisprovedError, export
from engine.exports.export_format import ExportFormat, Files
from engine.exports.formats import FORMATS, format_for
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import ProgressReport
from engine.proof.verdict import BlockOutputs, Verdict, Way, extra_of
from tests.engine.exports.trained import trained
from tests.engine.files.networks import small_project
from tests.engine.networks import BLOCKS, fitting
from tests.engine.proof.here import prove_in_this_process
from tests.failing import failing, os_error
from tests.paths import ROOT

NETWORK = trained(fitting())


class CancelledError(Exception):
    """What a user's Cancel raises, as the window has it."""


def right(_path: Path, images: Array) -> BlockOutputs:
    return NETWORK.network().activations(images)


def wrong(_path: Path, images: Array) -> BlockOutputs:
    return [outputs + np.float32(1) for outputs in NETWORK.network().activations(images)]


def broken(_path: Path, images: Array) -> BlockOutputs:
    raise ValueError("what is this?")


def a_folder(_network: TrainedNetwork, report: ProgressReport) -> Files:
    report(0.5)
    return {"README.md": b"not proved", "model/net.py": b"net", "w.bin": b"w" * 100}


def a_file(network: TrainedNetwork, _report: ProgressReport) -> Files:
    return {"": b"the file", f"{network.name}-weights.bin": b"beside"}


def with_verdicts(files: Files, verdicts: Sequence[Verdict]) -> Files:
    assert files["README.md"] == b"not proved"
    return {"README.md": "".join(verdict.text for verdict in verdicts).encode()}


FOLDER = ExportFormat(
    *("folder", "A folder", "", "", ""), a_folder, (Way("numpy", right),), with_verdicts
)
FILE = ExportFormat("file", "A file", "", "", ".one", a_file, (Way("numpy", right),))


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_is_written_whole_with_what_the_proof_said(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()  # an empty one is taken
    seen: list[float] = []
    outcome = export(NETWORK, tmp_path / "net", FOLDER, report=seen.append)
    assert outcome.verified == "numpy"
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert seen == sorted(seen)
    found = tree(tmp_path)
    assert found.keys() == {"net/README.md", "net/model/net.py", "net/w.bin"}
    assert b"20 of 20 test images" in found["net/README.md"]


def test_a_file_may_have_another_beside_it(tmp_path: Path) -> None:
    export(NETWORK, tmp_path / "deep.one", FILE)
    assert tree(tmp_path) == {"deep.one": b"the file", "deep-weights.bin": b"beside"}
    (tmp_path / "deep.one").write_bytes(b"older")
    export(NETWORK, tmp_path / "deep.one", FILE)  # a file is replaced, with what goes with it
    assert tree(tmp_path) == {"deep.one": b"the file", "deep-weights.bin": b"beside"}


def test_a_file_beside_it_that_is_somebody_elses_is_not_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / "deep-weights.bin").write_bytes(b"mine")
    with pytest.raises(ExportError, match=r"deep-weights\.bin, which goes with it, is there"):
        export(NETWORK, tmp_path / "deep.one", FILE)
    assert tree(tmp_path) == {"deep-weights.bin": b"mine"}
    export(NETWORK, tmp_path / "deep.one", FILE, overwrite=True)
    assert len(tree(tmp_path)) == 2


def test_a_folder_that_is_there_is_not_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "own.txt").write_bytes(b"mine")
    (tmp_path / "net" / "w.bin").write_bytes(b"old")
    with pytest.raises(ExportError, match="there is a folder of that name"):
        export(NETWORK, tmp_path / "net", FOLDER)
    assert tree(tmp_path) == {"net/own.txt": b"mine", "net/w.bin": b"old"}
    export(NETWORK, tmp_path / "net", FOLDER, overwrite=True)
    found = tree(tmp_path)
    assert found["net/own.txt"] == b"mine"  # what it does not write is none of its business
    assert found["net/w.bin"] == b"w" * 100
    assert len(found) == 4


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net").write_bytes(b"mine")
    with pytest.raises(ExportError, match="there is a file of that name"):
        export(NETWORK, tmp_path / "net", FOLDER, overwrite=True)
    (tmp_path / "x.one").mkdir()
    with pytest.raises(ExportError, match="there is a folder of that name"):
        export(NETWORK, tmp_path / "x.one", FILE, overwrite=True)
    with pytest.raises(ExportError, match=r"nowhere does not exist\. Create it"):
        export(NETWORK, tmp_path / "nowhere" / "x.one", FILE)
    with pytest.raises(ExportError, match=r"nowhere does not exist\. Create it"):
        export(NETWORK, tmp_path / "nowhere" / "net", FOLDER)
    assert tree(tmp_path) == {"net": b"mine"}


@pytest.mark.parametrize("outputs", [wrong, broken])
@pytest.mark.parametrize(("kind", "name"), [(FILE, "deep.one"), (FOLDER, "net")])
def test_what_is_proved_wrong_is_not_left_under_its_name(
    tmp_path: Path, kind: ExportFormat, name: str, outputs: Callable[[Path, Array], BlockOutputs]
) -> None:
    if kind is FILE:
        (tmp_path / name).write_bytes(b"older")
    before = tree(tmp_path)
    bad = replace(kind, ways=(Way("read back", right), Way("numpy", outputs)))
    said = r"was not written, because .* numpy: .*report this\."
    with pytest.raises(DisprovedError, match=said) as fault:
        export(NETWORK, tmp_path / name, bad)
    assert [verdict.holds for verdict in fault.value.verdicts] == [True, False]
    assert tree(tmp_path) == before
    assert len(list(tmp_path.iterdir())) == len(before)
    unproved = export(NETWORK, tmp_path / name, bad, verify=False)
    assert (unproved.verified, unproved.verdicts) == (None, ())
    assert tree(tmp_path) != before


def test_another_program_that_fails_shows_nothing_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove_in_this_process(monkeypatch)
    ways = (Way("numpy", right), Way("torch", broken, ("numpy",)), Way("keras", right, ("no_k",)))
    outcome = export(NETWORK, tmp_path / "net", replace(FOLDER, ways=ways))
    assert outcome.verified == "numpy"
    assert "it failed (ValueError: what is this?)" in outcome.verdicts[1].text
    assert "Install no_k" in outcome.verdicts[2].text


@pytest.mark.parametrize("steps", range(8))
@pytest.mark.parametrize(("kind", "name"), [(FILE, "deep.one"), (FOLDER, "net")])
def test_a_cancelled_export_leaves_nothing_behind(
    tmp_path: Path, kind: ExportFormat, name: str, steps: int
) -> None:
    seen: list[float] = []

    def report(fraction: float) -> None:
        seen.append(fraction)
        if len(seen) > steps:
            raise CancelledError

    with pytest.raises(CancelledError):
        export(NETWORK, tmp_path / name, kind, report=report)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fails", ["atomic.os.fsync", "staging.os.rename", "staging.os.replace"])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    monkeypatch.setattr(f"engine.files.{fails}", failing(os_error(errno.ENOSPC)))
    kind, name = (FILE, "x.one") if fails.endswith("replace") else (FOLDER, "net")
    with pytest.raises(ExportError, match="the disk is full"):
        export(NETWORK, tmp_path / name, kind)
    assert list(tmp_path.iterdir()) == []


def test_a_format_follows_from_the_ending_or_the_name() -> None:
    assert format_for(Path("a/W.NPZ")) is FORMATS["npz"]
    assert format_for(Path("w.safetensors"), "safetensors") is FORMATS["safetensors"]
    with pytest.raises(ExportError, match="has no ending, which names no format"):
        format_for(Path("w"))


def test_only_whole_and_finite_networks_that_fit_are_taken() -> None:
    project = small_project()
    with pytest.raises(ExportError, match=r"block 3 \(Dense 3\) has no trained weights"):
        TrainedNetwork.of(replace(project, weights={1: project.weights[1]}))
    with pytest.raises(ExportError, match="because it does not fit: Block 4"):
        TrainedNetwork.of(replace(project, settings=project.settings.with_changes(classes=(0, 1))))
    project.weights[1]["bias"][0, 0, 0] = np.nan
    with pytest.raises(ExportError, match=r"the bias of block 1 .* not finite"):
        TrainedNetwork.of(project)


class Twice(SameShape, frozen=True, tag="twice"):
    """A kind of block that no format knows."""

    kind: ClassVar[str] = "twice"
    equation: ClassVar[str] = "y = 2 x"

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> ReshapeLayer:
        return ReshapeLayer(input_shape, input_shape)


@pytest.mark.parametrize("name", ["onnx", "pytorch", "keras", "notebook"])
def test_a_format_refuses_a_kind_that_it_has_no_form_for(tmp_path: Path, name: str) -> None:
    network, kind = trained(fitting((Twice(), *BLOCKS))), FORMATS[name]
    with pytest.raises(ExportError, match=f"the format {name} has no form for Twice. Choose npz"):
        export(network, tmp_path / f"net{kind.ending}", kind)
    assert not list(tmp_path.iterdir())


def test_classes_are_called_by_their_numbers_if_they_have_no_names() -> None:
    assert TrainedNetwork.of(small_project()).class_names == ("2", "5", "7")
    assert TrainedNetwork.of(small_project()).data_digest() == ""


def test_each_way_of_other_packages_names_the_extra_that_brings_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    def brought(by: list[str]) -> set[str]:
        return {re.split(r"[^\w-]", each)[0] for each in by}

    extras = project["optional-dependencies"]
    ways = {way for kind in FORMATS.values() for way in kind.ways if way.packages}
    assert len(ways) >= len(extras)
    assert {extra_of(way.name) for way in ways} == {""}, "as a checkout has no extras"
    monkeypatch.setattr("engine.proof.verdict.INSTALLED", True)
    for way in ways:
        named = re.findall(r"\[(\w+)\]", extra_of(way.name))
        found = brought([*project["dependencies"], *(e for name in named for e in extras[name])])
        assert set(way.packages) <= found
    monkeypatch.setattr("engine.proof.verdict.BUNDLED", True)
    assert all("takes no packages" in extra_of(way.name) for way in ways)
