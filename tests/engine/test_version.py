"""The version: of the checkout, or of the installed package."""

import re
from importlib import metadata

import pytest

from engine.version import version
from tests.paths import ROOT


def test_the_version_of_a_checkout_is_what_it_declares() -> None:
    declared = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert declared is not None
    assert version() == declared[1]


def test_without_a_checkout_the_installed_package_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.version.INSTALLED", True)
    monkeypatch.setattr(metadata, "version", {"layerscope": "9.8.7"}.__getitem__)
    assert version() == "9.8.7"
