"""The manual shows what is true: commands and examples run, tables are the program's own."""

import os
import re
import shlex
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import engine
from engine.blocks import KINDS
from engine.cli.parser import make_parser
from engine.data.known.known_sets import KNOWN_SETS
from engine.explain.gradient_check import check_gradients
from engine.files.project_file import PROJECT_ENDING
from engine.model.settings import Settings
from engine.struct_fields import Field, fields_of
from gui.widgets.number_words import equation_html
from main import main
from tests.engine.proof.here import prove_in_this_process
from tests.paths import ROOT

DOCS = ROOT / "docs"
PAGES = {path.stem: path.read_text("utf-8") for path in sorted(DOCS.glob("*.md"))}
BLOCK = re.compile(r"(<!-- not run: .+? -->\n)?```(\w*)\n(.*?)```", re.DOTALL)
TABLE = re.compile(r"(<!-- begin: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
WITH_CODE = [name for name, text in PAGES.items() if BLOCK.search(text)]


def blocks_of(page: str) -> Iterator[tuple[bool, str, str]]:
    """Give for each block of code whether it is run, its language, and its text."""
    for mark, language, code in BLOCK.findall(PAGES[page]):
        yield not mark, language, code


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with photos of two classes, as a reader has one, and a home of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    random = np.random.default_rng(0)
    for name, mean in (("cat", 60), ("dog", 180)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(20):
            pixels = random.integers(mean - 40, mean + 40, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    return tmp_path


def let_it_take_little(patch: pytest.MonkeyPatch) -> None:
    """Measure, check and prove less, all in this process: that it runs is what is asked here."""
    patch.setattr("engine.cli.bench.NETS", {"conv5": (5,)})
    patch.setattr("engine.cli.bench.BATCH_SIZES", (1,))
    patch.setattr("engine.cli.bench.GEMM_SIZE", 64)
    patch.setattr("engine.cli.bench.steps_per_second", lambda *_: 1.0)
    patch.setattr("engine.cli.check.check_gradients", partial(check_gradients, limit=10))
    patch.setattr("engine.proof.prove.SAMPLES", 10)
    prove_in_this_process(patch)


@pytest.mark.parametrize("page", WITH_CODE)
def test_what_a_page_shows_runs(
    page: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "layerscope", engine)
    let_it_take_little(monkeypatch)
    for runs, language, code in blocks_of(page):
        if language == "python":
            exec(compile(code, page, "exec"), {})
        elif language == "sh":
            for line in code.splitlines():
                program, *words = shlex.split(line)
                if program != "layerscope":
                    assert not runs, f"{line}: say why it is not run"
                elif not runs:
                    if words and not words[0].endswith(PROJECT_ENDING):  # else a window opens
                        make_parser("0").parse_args(words)
                else:
                    assert main(words) == 0, f"{line}: {capsys.readouterr().err}"
        else:
            assert not language, f"```{language} is neither run nor checked"


def test_the_index_lists_every_page() -> None:
    listed = re.findall(r"\]\(([\w-]+)\.md\)", PAGES["index"])
    assert sorted([*listed, "index"]) == sorted(PAGES)


def test_pictures_are_there_in_both_themes_and_all_are_shown() -> None:
    shown = {name for text in PAGES.values() for name in re.findall(r"\(pictures/(.+?)\)", text)}
    dark = {f"{Path(name).stem}-dark{Path(name).suffix}" for name in shown}
    assert {path.name for path in (DOCS / "pictures").iterdir()} == shown | dark


def test_the_data_sets_are_those_of_the_program() -> None:
    assert re.findall(r"^\| `(.+?)` \| [\d,]+ \+", PAGES["data"], re.MULTILINE) == [*KNOWN_SETS]


@pytest.mark.parametrize("page", [name for name, text in PAGES.items() if TABLE.search(text)])
def test_tables_are_what_the_program_declares(page: str) -> None:
    text = TABLE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", PAGES[page])
    if os.environ.get("APPROVE"):
        (DOCS / f"{page}.md").write_text(text, "utf-8", newline="\n")
    else:
        assert text == PAGES[page], "APPROVE=1 writes it anew"


def settings_table() -> str:
    """Write all settings but the data set, with their options of `train`."""
    usual = Settings()
    rows = [
        f"| {field.title} | `{option(field)}` | {value(field, getattr(usual, field.name))} "
        f"| {field.help} |"
        for field in fields_of(Settings)
        if field.name != "dataset"
    ]
    return "\n".join(("| setting | option | at first | |", "|---|---|---|---|", *rows, ""))


def option(field: Field) -> str:
    """Name a setting as an option of `train`, and see that it is taken."""
    name = f"--{field.name.replace('_', '-')}"
    given = [] if field.kind == "bool" else [str(getattr(Settings(), field.name)).strip("()")]
    make_parser("0").parse_args(["train", "net.layerscope", name, *given])
    return name


def blocks_chapters() -> str:
    """Write a chapter for each kind of block, in the order of the palette."""
    return "\n".join(
        f"\n## {group}\n\n" + "\n".join(map(chapter, kinds))
        for group, kinds in (
            (group, [kind for kind in KINDS.values() if kind.group == group])
            for group in dict.fromkeys(kind.group for kind in KINDS.values())
        )
    )


def chapter(kind: type) -> str:
    """Write what a kind of block does, its equation and its options."""
    made = kind.new()  # type: ignore[attr-defined]
    text = f"### {kind.__name__}\n\n{kind.help}\n\n{equation_html(kind.equation)}\n"  # type: ignore[attr-defined]
    rows = [
        f"| {field.title} | {value(field, getattr(made, field.name))} | {field.help} |"
        for field in fields_of(kind)
    ]
    if rows:
        text += "\n".join(("\n| option | at first | |", "|---|---|---|", *rows, ""))
    return text


def value(field: Field, held: object) -> str:
    """Write a value as the window does."""
    text = field.in_words(held)
    if (not held and field.zero) or not field.unit:
        return text
    unit = field.unit.removesuffix("s") if held == 1 else field.unit
    return f"{text}{'' if unit == '°' else ' '}{unit}"


TABLES = {"blocks": blocks_chapters, "settings": settings_table}
