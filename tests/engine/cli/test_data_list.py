from pathlib import Path

import pytest

from engine.data.known import known_sets
from engine.data.known.known_sets import KNOWN_SETS
from tests.engine.cli.console import Console
from tests.engine.data.known.test_known_sets import write_four


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    monkeypatch.setattr(known_sets, "PACKAGES", tmp_path / "packages")


def test_the_known_sets_are_listed_with_size_and_licence(console: Console, tmp_path: Path) -> None:
    write_four(tmp_path / "data" / "kmnist", 1)
    answer = console.run("data", "list")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    for name, here in (("fashion-mnist", "no"), ("kmnist", "yes")):
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        known = KNOWN_SETS[name]
        words = f"{known.title} 60,000 10,000 {known.images} {known.size / 1e6:.1f} MB {here}"
        assert " ".join(line.split()) == f"{name} {words} {known.licence}"


def test_the_known_sets_are_listed_for_programs(console: Console, tmp_path: Path) -> None:
    write_four(tmp_path / "packages" / "fashion-mnist", 1)
    found = {line["name"]: line for line in console.run("data", "list", "--json").objects}
    assert list(found) == list(KNOWN_SETS)
    assert [name for name, line in found.items() if line["here"]] == ["fashion-mnist"]
    assert found["cifar-10"]["bytes"] == 170_052_171
    assert found["emnist-digits"]["training_samples"] == 240_000
    assert found["kmnist"]["licence"] == "CC BY-SA 4.0"


@pytest.mark.parametrize("given", [["data"], ["data", "forget"]])
def test_what_is_no_command_of_the_group_is_wrong_usage(console: Console, given: list[str]) -> None:
    answer = console.run(*given)
    assert answer.code == 2
    assert "usage: main.py data" in answer.err
