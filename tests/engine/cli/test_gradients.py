"""`check --gradients`: what the program says of right gradients."""

from pathlib import Path

from tests.engine.cli.console import Console


def test_trained_weights_are_those_that_are_checked(console: Console, project: Path) -> None:
    before = console.run("check", project, "--gradients", "--json").objects
    console.run("train", project, "--epochs", "3")
    assert console.run("check", project, "--gradients", "--json").objects != before
