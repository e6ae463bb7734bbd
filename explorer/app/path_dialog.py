"""Choosing a file or a folder, or a name for a new one: places, a path that can be typed, and what a folder holds.

Knows what is asked for, not what becomes of the answer. Nothing can be deleted here, or written over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import platformdirs
import pygame
import pygame_gui
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UILabel, UITextEntryLine, UIWindow
from pygame_gui.ui_manager import UIManager

from explorer.app.dialogs import centred
from explorer.app.folder_listing import path_from, rows_of, told_of
from explorer.elements.file_list import FileList, FileListActions, FileRow
from explorer.panels.text_fit import fitted, shown_path

SIZE = (680, 520)
MARGIN = 12
ROW = 30
GAP = 8
LINE = 20
UP_WIDTH = 56
PLACE_WIDTH = 104
BUTTON_WIDTH = 104
LENGTH = 4096
"""letters of a path"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathQuestion:
    """Which file?"""

    title: str
    start: Path
    """a folder, or a file whose name is proposed"""
    existing: bool
    """only a file that is there"""
    suffixes: frozenset[str] | None = None
    """of the files that are shown, None for all; what is typed may be another"""
    folders: bool = False
    """whether a folder is an answer too"""
    verb: str = ""
    """what stands on the button; "" for Open or Save"""


class PathDialog(UIWindow):
    """Calls `on_pick(path)`, or `on_cancel()`, and is gone."""

    def __init__(
        self,
        question: PathQuestion,
        manager: UIManager,
        on_pick: Callable[[Path], None],
        on_cancel: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(
            centred(SIZE, manager),
            manager,
            window_display_title=question.title,
            object_id=ObjectID(object_id="#path"),
        )
        self._question = question
        self._on_pick, self._on_cancel = on_pick, on_cancel
        self.folder, name = first_folder(question.start)
        inside = self.get_container().get_rect()
        width, height = int(inside.width) - 2 * MARGIN, int(inside.height)
        self._build_places(pygame.Rect(MARGIN, MARGIN, width, ROW))
        top = MARGIN + ROW + GAP
        self.path_field = UITextEntryLine(pygame.Rect(MARGIN, top, width, ROW), manager, self)
        self.path_field.set_text_length_limit(LENGTH)
        self.path_field.set_tooltip("The path. It can be typed or pasted; Enter goes there")
        top += ROW + GAP
        bottom = height - MARGIN - ROW - GAP
        actions = FileListActions(select=self._select, open=self._open, leave=self._leave, detail=self._detail)
        self.files = FileList(pygame.Rect(MARGIN, top, width, bottom - top), manager, self, actions)
        self._build_answers(pygame.Rect(MARGIN, bottom + GAP, width, ROW))
        self.set_blocking(True)
        if not self._go(self.folder):
            self._go(Path.home())
        if name:
            self._propose(name)
        else:
            manager.set_focus_set(self.files)

    def process_event(self, event: pygame.event.Event) -> bool:
        """Hears of what is typed."""
        if getattr(event, "ui_element", None) is self.path_field:
            if event.type == pygame_gui.UI_TEXT_ENTRY_FINISHED:
                self._accept(self._path, entered=True)
                return True
            if event.type == pygame_gui.UI_TEXT_ENTRY_CHANGED:
                path = self._path
                self.files.select_name(path.name if path.parent == self.folder else "")
                self._tell(self._remark(path))
                return True
        return bool(super().process_event(event))

    def cancel(self) -> None:
        """Without an answer."""
        self.kill()
        if self._on_cancel is not None:
            self._on_cancel()

    def on_close_window_button_pressed(self) -> None:
        """The x of the title bar."""
        self.cancel()

    def _build_places(self, row: pygame.Rect) -> None:
        self._place_button(pygame.Rect(row.x, row.y, UP_WIDTH, ROW), "Up", self._leave, "The folder above (Backspace)")
        left = row.x + UP_WIDTH + GAP
        for name, path in places():
            place = pygame.Rect(left, row.y, PLACE_WIDTH, ROW)
            self._place_button(place, name, partial(self._go_to, path), shown_path(path))
            left = place.right + GAP

    def _place_button(self, place: pygame.Rect, text: str, command: Callable[[], None], tooltip: str) -> None:
        UIButton(place, text, self.ui_manager, self, command=command, tool_tip_text=tooltip)

    def _build_answers(self, row: pygame.Rect) -> None:
        room = row.width - 2 * (BUTTON_WIDTH + GAP)
        place = pygame.Rect(row.x, row.y + (ROW - LINE) // 2, room, LINE)
        self.remark = UILabel(place, "", self.ui_manager, self, object_id=ObjectID(class_id="@muted"))
        verb = self._question.verb or ("Open" if self._question.existing else "Save")
        place = pygame.Rect(row.right - BUTTON_WIDTH, row.y, BUTTON_WIDTH, ROW)
        self.cancel_button = UIButton(place, "Cancel", self.ui_manager, self, command=self.cancel)
        place = place.move(-BUTTON_WIDTH - GAP, 0)
        style = ObjectID(class_id="@primary")
        self.accept_button = UIButton(
            place, verb, self.ui_manager, self, object_id=style, command=lambda: self._accept(self._path)
        )

    @property
    def _path(self) -> Path:
        return path_from(self.path_field.get_text(), self.folder)

    def _accept(self, path: Path, *, entered: bool = False) -> None:
        """Answers, goes into a folder, or says why neither is possible. entered: by Enter in the path."""
        question = self._question
        if os.path.isdir(path):
            if question.folders and not (entered and not _same(path, self.folder)):
                self._answer(path)
            else:
                self._go(path)
        elif question.existing and not os.path.isfile(path):
            self._tell(f"There is no {shown_path(path)}")
        elif not os.path.isdir(path.parent):
            self._tell(f"There is no folder {shown_path(path.parent)}")
        else:
            self._answer(path)

    def _answer(self, path: Path) -> None:
        self.kill()
        self._on_pick(path)

    def _go(self, folder: Path) -> bool:
        """False, and a sentence, if it cannot be read."""
        try:
            rows = rows_of(folder, self._question.suffixes)
        except OSError as error:
            self._tell(f"{shown_path(folder)} cannot be read: {error.strerror or error}")
            return False
        name = "" if self._question.existing else self._path.name
        proposed = name if os.path.splitext(name)[1] else ""
        self.folder = folder
        self.files.show_rows(rows)
        self._write(folder / proposed)
        self._tell(self._count(rows))
        return True

    def _go_to(self, folder: Path) -> None:
        self._go(folder)

    def _leave(self) -> None:
        before = self.folder
        if self._go(Path(os.path.abspath(before)).parent):
            self.files.select_name(before.name)

    def _select(self, row: FileRow) -> None:
        path = self.folder / row.name
        self._write(path)
        self._tell(self._remark(path))

    def _open(self, row: FileRow) -> None:
        path = self.folder / row.name
        if row.folder:
            self._go(path)
        else:
            self._accept(path)

    def _detail(self, row: FileRow) -> str:
        return "" if row.folder else told_of(self.folder / row.name)

    def _propose(self, name: str) -> None:
        """A name, of which the part before the suffix is replaced by what is typed."""
        path = self.folder / name
        self._write(path)
        self.files.select_name(name)
        field = self.path_field
        self.ui_manager.set_focus_set(field)
        end = len(str(path)) - len(path.suffix)
        field.select_range = [end - len(path.stem), end]
        field.edit_position = end

    def _write(self, path: Path) -> None:
        self.path_field.set_text(str(path))

    def _count(self, rows: Sequence[FileRow]) -> str:
        folders = sum(row.folder for row in rows)
        files = len(rows) - folders
        suffixes = self._question.suffixes
        kinds = f" ({', '.join(sorted(suffixes))})" if suffixes else ""
        parts = [f"{folders} folder{'' if folders == 1 else 's'}"] if folders or suffixes == frozenset() else []
        if suffixes != frozenset():
            parts.append(f"{files or 'no'} file{'' if files == 1 else 's'}{kinds}")
        return ", ".join(parts)

    def _remark(self, path: Path) -> str:
        if not self._question.existing and os.path.isfile(path):
            return f"There is a {path.name} already: it stays as it is"
        return self._count(self.files.rows)

    def _tell(self, sentence: str) -> None:
        font = self.remark.font
        width = int(self.remark.rect.width)
        shown = sentence if font is None else fitted(sentence, width, lambda text: int(font.size(text)[0]))
        self.remark.set_text(shown)
        self.remark.set_tooltip(sentence if shown != sentence else None)


def places() -> list[tuple[str, Path]]:
    """Where people keep things, as far as it is there."""
    known = (
        ("Home", str(Path.home())),
        ("Documents", platformdirs.user_documents_dir()),
        ("Pictures", platformdirs.user_pictures_dir()),
        ("Downloads", platformdirs.user_downloads_dir()),
    )
    return [(name, Path(path)) for name, path in known if os.path.isdir(path)]


def first_folder(start: Path) -> tuple[Path, str]:
    """(the folder that is shown first, the name that is proposed or "")"""
    start = start.absolute()
    if start.is_dir():
        return start, ""
    return (start.parent, start.name) if start.parent.is_dir() else (Path.home(), start.name)


def _same(path: Path, folder: Path) -> bool:
    return os.path.abspath(path) == os.path.abspath(folder)
