"""The count of code lines: what `make lint` holds against the limits."""

from pathlib import Path

import pytest

from tools.size import main, measure, room_of

MODULE = '''"""What it is.

More of it.
"""

# why
LONG = f"""one
{1}

four"""


class Thing:
    """A thing."""

    def run(self) -> str:
        """Run."""
        return "a"  # a string that is no docstring

    async def wait(
        self,
    ) -> None: ...
'''


def test_docstrings_comments_and_blank_lines_do_not_count() -> None:
    assert measure(MODULE) == (4 + 1 + 2 + 3, 1, 2)
    assert measure('"""Only this."""\n') == (0, 1, 0)


def test_a_file_belongs_to_a_room() -> None:
    assert room_of("engine/compute/native/threads/pool.py") == "engine/compute"
    assert room_of("tests/gui/panels/test_loss.py") == "tests/gui/panels"
    assert room_of("gui/app.py") == "gui/*.py"
    assert room_of("main.py") == "main.py"


def test_more_lines_than_the_limit_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.py").write_text(MODULE, "utf-8")
    monkeypatch.setattr("tools.size.ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["size.py"])
    for limit, code in ((10, 0), (9, 1)):
        settings = f"[tool.layerscope.size]\nproduct = {limit}\n"
        (tmp_path / "pyproject.toml").write_text(settings, "utf-8")
        assert main() == code
        assert ("10 code lines are more than 9" in capsys.readouterr().out) == bool(code)
