"""The few pictograms of the window, drawn as smooth shapes. Knows nothing of elements."""

from __future__ import annotations

import math
from collections.abc import Callable

import pygame

_OVERSAMPLING = 4
Painter = Callable[[pygame.Surface, pygame.Color, bool], None]


def heart(size: int, colour: pygame.Color, *, filled: bool) -> pygame.Surface:
    """A heart, filled or in outline, on a transparent square of `size` pixels."""
    return _smooth(_paint_heart, size, colour, filled)


def cross(size: int, colour: pygame.Color) -> pygame.Surface:
    """An x for "remove" and "close"."""
    return _smooth(_paint_cross, size, colour, True)


def chevron(size: int, colour: pygame.Color, *, opened: bool) -> pygame.Surface:
    """Points down when what it belongs to is unfolded, else to the right."""
    return _smooth(_paint_chevron, size, colour, opened)


def star(size: int, colour: pygame.Color, *, filled: bool) -> pygame.Surface:
    """A five-pointed star, filled or in outline."""
    return _smooth(_paint_star, size, colour, filled)


def folder(size: int, colour: pygame.Color) -> pygame.Surface:
    """A folder with its tab."""
    return _smooth(_paint_folder, size, colour, True)


def _smooth(paint: Painter, size: int, colour: pygame.Color, flag: bool) -> pygame.Surface:
    # A transparent ground of the same colour: averaging does not darken the edges.
    large = pygame.Surface((size * _OVERSAMPLING, size * _OVERSAMPLING), pygame.SRCALPHA)
    large.fill((colour.r, colour.g, colour.b, 0))
    paint(large, colour, flag)
    return pygame.transform.smoothscale(large, (size, size))


def _paint_heart(surface: pygame.Surface, colour: pygame.Color, filled: bool) -> None:
    side = surface.get_width()
    outline = _heart_points(side, side * 0.46)
    pygame.draw.polygon(surface, colour, outline)
    if not filled:
        hollow = pygame.Color(colour.r, colour.g, colour.b, 0)
        pygame.draw.polygon(surface, hollow, _heart_points(side, side * 0.32))


def _heart_points(side: int, radius: float) -> list[tuple[float, float]]:
    points = []
    for step in range(72):
        t = 2 * math.pi * step / 72
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((side / 2 + x / 17 * radius, side * 0.46 - y / 17 * radius))
    return points


def _paint_cross(surface: pygame.Surface, colour: pygame.Color, _flag: bool) -> None:
    side = surface.get_width()
    near, far, width = side * 0.24, side * 0.76, max(1, side // 8)
    pygame.draw.line(surface, colour, (near, near), (far, far), width)
    pygame.draw.line(surface, colour, (near, far), (far, near), width)


def _paint_chevron(surface: pygame.Surface, colour: pygame.Color, opened: bool) -> None:
    side = surface.get_width()
    points = [(0.22, 0.36), (0.5, 0.64), (0.78, 0.36)] if opened else [(0.36, 0.22), (0.64, 0.5), (0.36, 0.78)]
    pygame.draw.lines(surface, colour, False, [(x * side, y * side) for x, y in points], max(2, side // 7))


def _paint_star(surface: pygame.Surface, colour: pygame.Color, filled: bool) -> None:
    side = surface.get_width()
    points = []
    for corner in range(10):
        radius = side * (0.48 if corner % 2 == 0 else 0.2)
        angle = math.pi * corner / 5
        points.append((side / 2 + radius * math.sin(angle), side * 0.53 - radius * math.cos(angle)))
    if filled:
        pygame.draw.polygon(surface, colour, points)
    else:
        pygame.draw.lines(surface, colour, True, points, max(2, side // 12))


def _paint_folder(surface: pygame.Surface, colour: pygame.Color, _flag: bool) -> None:
    side = surface.get_width()
    radius = side // 12
    tab = pygame.Rect(round(side * 0.06), round(side * 0.16), round(side * 0.42), round(side * 0.3))
    body = pygame.Rect(round(side * 0.06), round(side * 0.28), round(side * 0.88), round(side * 0.56))
    for part in (tab, body):
        pygame.draw.rect(surface, colour, part, border_radius=radius)
