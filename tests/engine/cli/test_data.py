import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli import data
from engine.errors import DataError
from tests.engine.data.mirror import Mirror, endless, gives, small_files, small_set
from tests.programs import Programs

FILES = small_files()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("LAYERSCOPE_MIRROR", raising=False)
    monkeypatch.setattr("engine.data.known.known_sets.PACKAGES", tmp_path / "packages")
    return tmp_path


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as mirror:
        for name, content in FILES.items():
            mirror.answers[f"/{name}"] = gives(content)
        yield mirror


def test_what_it_is_is_said_before_and_where_it_is_after(
    mirror: Mirror, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = small_set(mirror.address)
    data.get(known, as_json=False)
    folder = home / "data" / "kmnist"
    assert capsys.readouterr().out.splitlines() == [
        "Small set: 0.0 MB to download, licence: CC0.",
        f"From {mirror.address}",
        f"Small set is here, in {folder}. Use it with --data kmnist.",
    ]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    data.get(known, as_json=False)
    said = f"Small set is here already, in {folder}. Use it with --data kmnist.\n"
    assert capsys.readouterr().out == said
    images = folder / "train-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:-9])
    again = f"To download Small set again, delete the folder {folder} first"
    with pytest.raises(DataError, match=re.escape(again)):
        data.get(known, as_json=False)


def test_programs_are_told_the_same_in_objects(
    mirror: Mirror, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = small_set(mirror.address)
    data.get(known, as_json=True)
    first, *between, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {
        "name": "kmnist",
        "bytes": known.size,
        "licence": "CC0",
        "addresses": [mirror.address],
    }
    assert all(set(each) == {"bytes", "of"} and each["of"] == known.size for each in between)
    assert last == {"name": "kmnist", "folder": str(home / "data" / "kmnist")}


def test_a_signal_ends_it_and_leaves_nothing(
    programs: Programs, mirror: Mirror, home: Path
) -> None:
    mirror.answers["/kmnist/train-images-idx3-ubyte.gz"] = endless(mirror)
    environment = {**os.environ, "LAYERSCOPE_MIRROR": mirror.address}
    command = ["main.py", "data", "get", "kmnist", "--json"]
    with programs.start(*command, environment=environment, read=True) as program:
        assert any(json.loads(line).get("of") for line in program.lines())
        program.send(signal.SIGTERM)
        ended = program.ended()
    assert (ended.code, ended.err) == (130, "main.py: Stopped.\n")
    assert list((home / "data").iterdir()) == []
