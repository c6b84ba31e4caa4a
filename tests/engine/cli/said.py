"""Commands and what they say, as a shell shows them, for an approved text."""

import re
import shlex
from pathlib import Path

from tests.engine.cli.console import Console

MEASURED = re.compile(
    r" *([\d,.]+ samples/s|\d+(\.\d+){2,}|\d[\d,]*\.\d+(e[-+]\d+)?|\d+e[-+]\d+|\d+:\d\d)"
    r"|(?<=difference )0|(?<=mean )0"
)


class Transcript:
    """Runs commands one after the other and notes each with its words and its exit code."""

    def __init__(self, console: Console, folder: Path) -> None:
        self._lines: list[str] = []
        self._console, self._folder = console, folder

    @property
    def text(self) -> str:
        """All of it, without what differs from machine to machine."""
        text = "".join(self._lines).replace(str(self._folder), "FOLDER")
        text = re.sub(r"\d{8}-\d{6}(?=-)", "BEGUN", text)
        return re.sub(r'begun [\d: -]+|"bytes": \d+|(?<=damaged )\(Input[^)]*\)', "…", text)

    @property
    def text_but_for_numbers(self) -> str:
        """That text without fractions, times and rates, which differ from run to run."""
        return MEASURED.sub(" #", self.text)

    def run(self, *lines: str) -> None:
        for line in lines:
            answer = self._console.run(*shlex.split(line))
            said = answer.out + answer.err if answer.code != 2 else ""  # argparse's usage
            code = f"[{answer.code}]\n" if answer.code else ""
            self._lines.append(f"$ {line}\n{said}{code}")

    def refused(self, *lines: str) -> None:
        """Run what must end with one sentence, exit code 1 and nothing changed in the folder."""
        before = content(self._folder)
        for line in lines:
            self._lines.append(f"$ {line}\n{self._console.refused(*shlex.split(line))}")
        assert content(self._folder) == before


def content(path: Path) -> dict[Path, bytes]:
    """Return what is in a file, or in the files of a folder."""
    files = [path] if path.is_file() else filter(Path.is_file, path.rglob("*"))
    return {file: file.read_bytes() for file in files}
