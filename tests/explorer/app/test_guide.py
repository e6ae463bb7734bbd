"""The guide lists the shortcuts that there are."""

from __future__ import annotations

import re
from pathlib import Path

from explorer.app.input import shortcut_list

DOCS = Path(__file__).parents[3] / "docs"


def test_the_guide_has_the_table_of_the_code() -> None:
    guide = (DOCS / "explorer.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", guide.split("## Shortcuts")[1], re.MULTILINE)
    assert rows == [("keys", "what they do"), *shortcut_list()]


def test_its_pictures_are_there() -> None:
    guide = (DOCS / "explorer.md").read_text(encoding="utf-8")
    assert [name for name in re.findall(r"\]\(([^)#]+)\)", guide) if not (DOCS / name).exists()] == []
