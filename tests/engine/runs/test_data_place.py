"""Where the data of a run is read, once it is not where the run says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.dataset import fingerprint
from engine.inputs.scaling import UNIT
from engine.runs.data_place import place_of_data
from engine.training.samples import data_key, load_samples
from tests.engine.runs.made_runs import made_run

DIGEST = "a" * 64


def images_in(path: Path) -> str:
    """Write a data set without a test part, which a seed divides."""
    dice = np.random.default_rng(len(path.name))
    x_train, y_train = dice.integers(0, 256, (20, 4, 4), np.uint8), np.arange(20) % 2
    np.savez(path, x_train=x_train, y_train=y_train)
    return str(path)


def test_a_run_has_its_data_where_it_says_if_something_is_there(tmp_path: Path) -> None:
    own, other = (images_in(tmp_path / name) for name in ("own.npz", "other.npz"))
    run = made_run("a", digest=DIGEST, dataset=own)
    known = [made_run("b", digest=DIGEST, dataset=other)]
    project = run.description.project
    assert place_of_data(project, known) == data_key(project.settings)


def test_the_same_samples_are_chosen_where_another_run_had_them(tmp_path: Path) -> None:
    data = images_in(tmp_path / "here.npz")
    chosen: dict[str, Any] = {"dataset": data, "limit": 5, "test_split": 30.0, "seed": 4}
    origin = made_run("origin", **chosen)
    samples = load_samples(origin.description.project)
    digest = fingerprint(*samples)
    known = [
        made_run("of other data", digest=DIGEST, dataset=data),
        made_run("gone, too", digest=digest, dataset=str(tmp_path / "gone.npz")),
        made_run("origin", digest=digest, **chosen, scaling="standard", validation_split=20.0),
    ]
    run = made_run("exported", digest=digest, dataset="here", limit=5, seed=1)
    project = run.description.project
    key = place_of_data(project, known)
    found = load_samples(project, key=key)
    assert fingerprint(*found) == digest
    assert [each.scaling for each in found] == [UNIT, UNIT]
    assert (key.scaling, key.validation_split) == ("unit", 0.0)


@pytest.mark.parametrize("digest", ["", DIGEST])
def test_data_that_is_nowhere_is_what_the_run_says(tmp_path: Path, digest: str) -> None:
    other = images_in(tmp_path / "other.npz")
    project = made_run("a", digest=digest, dataset="gone", limit=3).description.project
    known = [made_run("b", dataset=other), made_run("c", digest=digest and "b" * 64, dataset=other)]
    assert place_of_data(project, known) == data_key(project.settings)
