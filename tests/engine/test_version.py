"""The version: of the checkout, or of the installed package."""

from importlib import metadata

import pytest

from engine.version import version


def test_without_a_checkout_the_installed_package_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.version.INSTALLED", True)
    monkeypatch.setattr(metadata, "version", {"layerscope": "9.8.7"}.__getitem__)
    assert version() == "9.8.7"
