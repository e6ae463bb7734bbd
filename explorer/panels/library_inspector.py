"""What is known about the selected favourites, to be edited, and what to do with them."""

from __future__ import annotations

from collections.abc import Callable

import pygame
from pygame_gui.core import ObjectID, UIContainer
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UIButton, UILabel
from pygame_gui.ui_manager import UIManager

from explorer.elements.placing import put
from explorer.elements.star_row import StarRow
from explorer.elements.text_field import TextActions, TextField
from explorer.library.shelf import Favourite, clean_name, tags_from
from explorer.panels.library_actions import LibraryActions

GAP = 8
LABEL_HEIGHT = 18
FIELD_HEIGHT = 28
STARS_WIDTH = 120
BUTTON_WIDTH = 96
BUTTONS = 3
BUTTONS_TOP = LABEL_HEIGHT + FIELD_HEIGHT + 2 * GAP + 2
HINT = "Click a favourite to name, tag and rate it. Drag it to another place, or onto a collection."


class LibraryInspector:
    """One row of fields, one of stars and buttons; a hint while nothing is selected."""

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        container: IContainerLikeInterface,
        actions: LibraryActions,
        compare: Callable[[], None],
    ) -> None:
        self._actions = actions
        self._chosen: tuple[Favourite, ...] = ()
        self._shared_tags: tuple[str, ...] = ()
        self._shared_collections: tuple[str, ...] = ()
        muted = ObjectID(class_id="@muted")
        self.hint = UILabel(_hint_place(rect), HINT, manager, container, object_id=muted)
        self.body = UIContainer(rect, manager, container=container)
        edits = (("Name", self._rename), ("Tags", self._tag), ("Collections", self._collect))
        self.fields: dict[str, TextField] = {}
        self._labels: list[UILabel] = []
        for (name, meant), (label, field) in zip(edits, _field_places(rect.width), strict=True):
            self._labels.append(UILabel(label, name, manager, self.body, object_id=muted))
            self.fields[name] = TextField(field, manager, self.body, TextActions(meant=meant))
        self.fields["Tags"].set_tooltip("Words with commas between them")
        self.fields["Collections"].set_tooltip("Names with commas between them; a new name makes a new collection")
        self._build_buttons(rect, manager, compare)
        self.body.hide()

    def _build_buttons(self, rect: pygame.Rect, manager: UIManager, compare: Callable[[], None]) -> None:
        self.stars = StarRow(pygame.Rect(0, BUTTONS_TOP, STARS_WIDTH, FIELD_HEIGHT), manager, self.body, self._rate)
        self.stars.set_tooltip("How good it is (0 to 5)")
        buttons = (
            ("Bring back", self._bring_back, "Into the selected picture, or the first (Enter, double click)"),
            ("Compare", compare, "Two favourites side by side (V)"),
            ("Let go", self._remove, "Not a favourite any more; can be undone (Delete)"),
        )
        self.buttons: dict[str, UIButton] = {}
        for (text, command, tooltip), place in zip(buttons, _button_places(rect.width), strict=True):
            self.buttons[text] = UIButton(place, text, manager, self.body, command=command, tool_tip_text=tooltip)

    def resize(self, rect: pygame.Rect) -> None:
        """Another place and width."""
        put(self.hint, _hint_place(rect))
        put(self.body, rect)
        fields = zip(self._labels, self.fields.values(), _field_places(rect.width), strict=True)
        for label, field, places in fields:
            put(label, places[0])
            put(field, places[1])
        for button, place in zip(self.buttons.values(), _button_places(rect.width), strict=True):
            put(button, place)

    def show(self, chosen: tuple[Favourite, ...], comparing: bool) -> None:
        """What they have in common."""
        if bool(chosen) != bool(self.body.visible):
            (self.body.show if chosen else self.body.hide)()
            (self.hint.hide if chosen else self.hint.show)()
        if chosen and tuple(f.favourite_id for f in chosen) != tuple(f.favourite_id for f in self._chosen):
            for field in self.fields.values():
                if field.is_focused:
                    field.ui_manager.set_focus_set(None)  # what was typed belongs to those before
        self._chosen = chosen
        if not chosen:
            return
        self._show_shared()
        self.stars.show_value(chosen[0].rating)
        name = self.fields["Name"]
        (name.enable if len(chosen) == 1 else name.disable)()
        name.show_text(chosen[0].name if len(chosen) == 1 else f"{len(chosen)} favourites")
        compare = self.buttons["Compare"]
        (compare.enable if len(chosen) == 2 or comparing else compare.disable)()
        bring_back = self.buttons["Bring back"]
        (bring_back.enable if len(chosen) == 1 else bring_back.disable)()
        text = "Back" if comparing else "Compare"
        if compare.text != text:
            compare.set_text(text)

    def _show_shared(self) -> None:
        tags = [set(favourite.tags) for favourite in self._chosen]
        self._shared_tags = tuple(sorted(set.intersection(*tags)))
        self.fields["Tags"].show_text(", ".join(self._shared_tags))
        ids = self._ids
        shelf = self._actions.shelf()
        self._shared_collections = tuple(c.name for c in shelf.collections if ids and set(ids) <= set(c.members))
        self.fields["Collections"].show_text(", ".join(self._shared_collections))

    @property
    def _ids(self) -> tuple[int, ...]:
        return tuple(favourite.favourite_id for favourite in self._chosen)

    def _rename(self, text: str) -> None:
        if len(self._chosen) == 1:
            self._actions.rename(self._ids[0], text)

    def _tag(self, text: str) -> None:
        wanted, had = set(tags_from(text)), set(self._shared_tags)
        if self._chosen and wanted != had:
            self._actions.tag(self._ids, sorted(wanted - had), sorted(had - wanted))

    def _collect(self, text: str) -> None:
        names = {name.casefold(): name for name in map(clean_name, text.split(",")) if name}
        had = {name.casefold(): name for name in self._shared_collections}
        added = [name for key, name in names.items() if key not in had]
        removed = [name for key, name in had.items() if key not in names]
        if self._chosen and (added or removed):
            self._actions.collect(self._ids, added, removed)

    def _rate(self, rating: int) -> None:
        if self._chosen:
            self._actions.rate(self._ids, rating)

    def _bring_back(self) -> None:
        if self._chosen:
            self._actions.bring_back(self._ids[0])

    def _remove(self) -> None:
        if self._chosen:
            self._actions.remove(self._ids)


def _hint_place(rect: pygame.Rect) -> pygame.Rect:
    return pygame.Rect(rect.x, rect.y, rect.width, FIELD_HEIGHT)


def _field_places(width: int) -> list[tuple[pygame.Rect, pygame.Rect]]:
    """(label, field) of name, tags and collections."""
    third = (width - 2 * GAP) // 3
    lefts = [index * (third + GAP) for index in range(3)]
    top = LABEL_HEIGHT + 2
    return [(pygame.Rect(x, 0, third, LABEL_HEIGHT), pygame.Rect(x, top, third, FIELD_HEIGHT)) for x in lefts]


def _button_places(width: int) -> list[pygame.Rect]:
    """At the right."""
    lefts = [width - (BUTTONS - index) * (BUTTON_WIDTH + GAP) + GAP for index in range(BUTTONS)]
    return [pygame.Rect(x, BUTTONS_TOP, BUTTON_WIDTH, FIELD_HEIGHT) for x in lefts]
