"""The widget as pages load it: its parts in one file, of one scope."""

from __future__ import annotations

import json
import re
from importlib.resources import files

PARTS = (
    "words", "elements", "reply", "quotation", "api", "conversation", "answer_view", "frame", "widget", "start",
)  # fmt: skip
"""In ui/widget; each uses what those before it define."""

_COMMENT = re.compile(r"^[ ]*(?://[^\n]*|/\*.*?\*/)\n", re.MULTILINE | re.DOTALL)
_START = """(() => {
"use strict";
if (window.QAWidget?.destroy) return;
"""


def widget_script() -> str:
    """Without the parts' comments, which nobody's browser needs; the style becomes the constant STYLE."""
    folder = files("ui") / "widget"
    style = f"const STYLE = {json.dumps(_bare((folder / 'style.css').read_text('utf-8')))};\n"
    parts = (_bare((folder / f"{name}.js").read_text("utf-8")) for name in PARTS)
    return "".join([_START, style, *parts, "})();\n"])


def _bare(text: str) -> str:
    return _COMMENT.sub("", text).replace("\n\n", "\n")
