"""The manual as HTML pages, by `make docs`: Sphinx, MyST's Markdown, Furo's form.

The pages are plain Markdown, because the window shows the same files under Help > Manual. What only
the HTML pages need is added here: the tree of contents, made of the links in `index.md`, and the
dark twin of each picture.
"""

import re
import sys
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from engine.version import version as _version  # noqa: E402

project = "Layerscope"
author = "the authors of Layerscope"
version = release = _version()
extensions = ["myst_parser"]
html_theme = "furo"
html_title = f"Layerscope {version}"
html_favicon = "../resources/share/icons/hicolor/scalable/apps/layerscope.svg"
html_show_sphinx = html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
_FONTS = [f"../resources/fonts/Inter-{weight}.otf" for weight in ("Regular", "SemiBold")]
html_static_path = ["manual.css", *_FONTS]
html_css_files = ["manual.css"]
html_theme_options = {
    f"{scheme}_css_variables": {"font-stack": "Inter, sans-serif"} for scheme in ("light", "dark")
}
highlight_language = "none"  # where a block names none
pygments_style = "default"
pygments_dark_style = "monokai"
myst_heading_anchors = 3
nitpicky = True

_SCALE = 2  # pixels of a picture for one of the screen, as `tools/screenshots.py` takes them


def add_tree(app: Sphinx, name: str, source: list[str]) -> None:
    """Add a tree of contents to `index.md`: a part for each heading, of the pages that it links."""
    if name != "index":
        return
    for part in re.split(r"^## ", source[0], flags=re.MULTILINE)[1:]:
        pages = re.findall(r"\]\(([\w-]+)\.md\)", part)
        caption = part.splitlines()[0]
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n"
        source[0] += "\n".join(pages) + "\n```\n"


class Pictures(SphinxTransform):
    """Give each picture its size on the screen, and the twin that is shown on dark ground."""

    default_priority = 500

    def apply(self, **_: object) -> None:
        """Go through the pictures of a page."""
        for node in list(self.document.findall(nodes.image)):
            path = HERE / node["uri"]
            if not path.is_file():  # Sphinx says it
                continue
            with Image.open(path) as picture:
                node["width"] = f"{picture.width // _SCALE}px"
            dark = path.with_stem(f"{path.stem}-dark")
            if dark.is_file():
                twin = node.deepcopy()
                twin["uri"] = dark.relative_to(HERE).as_posix()
                node["classes"].append("only-light")
                twin["classes"].append("only-dark")
                node.parent.insert(node.parent.index(node) + 1, twin)


def setup(app: Sphinx) -> None:
    """Connect both."""
    app.connect("source-read", add_tree)
    app.add_transform(Pictures)
