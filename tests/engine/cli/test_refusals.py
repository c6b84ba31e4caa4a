"""What commands refuse: each in one sentence, in one approved file, and nothing is changed."""

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.files import open_project, save_project
from engine.training.run import Training
from tests.approved import assert_approved
from tests.engine.cli.console import Console, write_data, write_project
from tests.engine.cli.kept_runs import keep
from tests.engine.cli.said import Transcript
from tests.engine.cli.test_train import animals
from tests.engine.data.idx_files import write_idx
from tests.engine.data.pictures import shades, write_files
from tests.engine.files.networks import edit_description
from tests.picture_sets import write_set

NO_TRAINING = (
    "--epochs 0",
    "--learning-rate nan",
    "--classes 3",
    "--classes 3,3",
    "--classes 3,4",
    "--classes 3,5,8",
    "--limit -1",
    "--data '~nosuchuser'",
    "--data nowhere",
    "--data one",
    "--momentum 1",
    "--validation-split 95",
    "--validation-split 1",
    "--loss cross_entropy",
    "--out w.pt",
    "--out missing/w.npz",
    "--out ./hard.npz",
    "--out soft.npz",
)


WRONG_USAGE = (
    "train small.layerscope --classes 3,,8",
    "train small.layerscope --classes ' '",
    """train small.layerscope --classes '"cats'""",
    """train small.layerscope --classes '"a"b'""",
    "train small.layerscope --epochs many",
    "train small.layerscope --epochs 1_0",
    "train small.layerscope --epochs \u0663",
    "train small.layerscope --learning-rate 0_1.5",
    "train small.layerscope --epoch 3",
    "train small.layerscope --loss hinge",
    "train small.layerscope --overwrite --resume",
    "train small.layerscope --no-run --run x",
    "evaluate small.layerscope --images data/t10k-images-idx3-ubyte",
    "evaluate small.layerscope --labels data/t10k-labels-idx1-ubyte",
    "evaluate small.layerscope --images a --labels b --data data",
    "import w.npz",
    "bench --threads 0",
    "bench --threads -1",
    "bench --threads two",
    "bench --threads 65",
    "data",
    "data forget",
    "data get mnits",
    "runs",
    "runs compare one",
    "runs export one a.zip --epoch 6",
)


def test_wrong_usage_ends_with_2(
    console: Console, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.parent)
    for line in WRONG_USAGE:
        answer = console.run(*shlex.split(line))
        assert (answer.code, answer.out) == (2, ""), line
        assert answer.err.startswith("usage: main.py "), line


def test_what_is_refused(
    console: Console, project: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said, data = Transcript(console, tmp_path), Path("data")
    (tmp_path / "hard.npz").hardlink_to(project)
    (tmp_path / "soft.npz").symlink_to(project)
    write_files(tmp_path / "one", shades(["cat/1.png", "cat/2.png"]))
    write_data(tmp_path / "larger", side=9)
    write_data(tmp_path / "tiny", side=2)
    write_idx(tmp_path / "images", (2, 8, 8), [0] * 128)
    write_idx(tmp_path / "labels", (2,), [6, 7])
    write_project(tmp_path / "unfit.layerscope", data, Conv(depth=2), Sigmoid(), Dense(units=2))
    write_project(tmp_path / "flat.layerscope", data, Reshape(), Dense(units=2), Sigmoid())
    unknown = write_project(tmp_path / "unknown.layerscope", data)
    edit_description(unknown, lambda form: form["slots"][1].update(block={"kind": "lstm"}))
    with monkeypatch.context() as patch:
        patch.setattr(Training, "run", lambda *_: pytest.fail("training began"))
        said.refused(*(f"train small.layerscope {options}" for options in NO_TRAINING))
    said.refused("evaluate small.layerscope", "export small.layerscope w.npz")
    said.run("check unfit.layerscope", "check unfit.layerscope --json", "check unknown.layerscope")
    said.refused("new blank small.layerscope", "new blank a.zip", "new blank missing/a.layerscope")
    said.refused("new digits new.layerscope --data one")

    assert console.run("train", project, "--epochs", 1, "--no-run").code == 0
    assert console.run("export", project, "w.npz").code == 0
    console.run("new", "digits", "digits.layerscope")
    small = "small.layerscope"
    said.refused(f"train {small}", f"train {small} --resume --data larger")
    said.refused(f"train {small} --overwrite --data tiny")
    said.refused("evaluate digits.layerscope --weights w.npz", f"evaluate {small} --data larger")
    said.refused(f"evaluate {small} --classes 3,5,8")
    said.refused(f"evaluate {small} --images images --labels labels")
    said.refused(f"export {small} w.h5", f"export {small} w.h5 --format npz")
    said.refused(f"export {small} x.npz --weights gone.npz", f"export {small} soft.npz")
    said.refused(f"import w.npz {small}", "import w.npz flat.layerscope")
    said.refused(f"import model.pt {small}", f"import model.xyz {small}", "import w.npz p")
    said.refused("import gone.npz flat.layerscope", f"import {home} p.layerscope")
    trained = open_project(project)
    save_project(replace(trained, weights={3: trained.weights[3]}), project)
    said.refused(f"evaluate {small}")
    save_project(replace(trained, trained_epochs=0, state=None), project)
    said.refused(f"train {small}")

    for name in ("colour", "two"):
        write_set(name, tmp_path / f"{name}.npz", 4, 2)
    for name, kinds in {"pets": ["cat", "dog"], "clothes": ["Bag", "Trouser"]}.items():
        console.run("new", "digits", f"{name}.layerscope", "--data", animals(Path(name), *kinds))
        assert console.run("train", f"{name}.layerscope", "--epochs", 1, "--no-run").code == 0
    animals(tmp_path / "birds", "cat", "owl")
    console.run("new", "colour", "forms.layerscope")
    said.refused("train forms.layerscope --data colour.npz --classes 7,8,9")
    said.refused("evaluate pets.layerscope --data birds")
    said.refused("train pets.layerscope --data two.npz --resume")
    # The names of Fashion-MNIST are not in the order of the alphabet, as those of folders are.
    said.refused("evaluate clothes.layerscope --data fashion-mnist")

    np.savez("own.npz", x=np.zeros((8, 28, 28), np.uint8), y=np.arange(8) % 2)
    own = write_project(tmp_path / "own.layerscope", tmp_path / "own.npz", classes=(0, 1))
    assert console.run("train", own, "--epochs", 1, "--no-run").code == 0
    said.refused(f"train {own} --overwrite --out own.npz", f"export {own} own.npz")

    (keep(home, "one") / "weights" / "epoch-0001.safetensors").unlink()
    keep(home, "other", 0.3, epochs=3)
    assert console.run("runs", "export", "other", "out").code == 0
    said.refused("runs show five", "runs delete 2026-o", "runs delete one four")
    said.refused("runs export one out", "runs export one out --overwrite")
    said.refused("runs export one p.layerscope --epoch 5", f"runs export one {small}")
    (tmp_path / "out" / "run.json").write_text("{")
    said.refused("runs export one out --overwrite")
    assert_approved("refusals.txt", said.text)
