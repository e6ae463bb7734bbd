"""Where the tiles of a grid lie: as large as fit, in the middle. Knows neither pygame nor pictures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGeometry:
    """Square tiles of `side` pixels with `gap` pixels between them, from `left` and `top` on."""

    rows: int
    columns: int
    side: int
    gap: int
    left: int
    top: int

    @staticmethod
    def fitted(size: tuple[int, int], rows: int, columns: int, gap: int) -> GridGeometry:
        """The largest tiles that fit into (width, height)."""
        side_across = (size[0] - gap * (columns - 1)) // columns
        side_down = (size[1] - gap * (rows - 1)) // rows
        side = max(min(side_across, side_down), 1)
        width = side * columns + gap * (columns - 1)
        height = side * rows + gap * (rows - 1)
        return GridGeometry(
            rows=rows,
            columns=columns,
            side=side,
            gap=gap,
            left=max((size[0] - width) // 2, 0),
            top=max((size[1] - height) // 2, 0),
        )

    def place(self, tile: int) -> tuple[int, int, int, int]:
        """(x, y, width, height) of a tile."""
        row, column = divmod(tile, self.columns)
        pitch = self.side + self.gap
        return self.left + column * pitch, self.top + row * pitch, self.side, self.side

    def tile_at(self, x: int, y: int) -> int | None:
        """The tile under a point; None in the gaps and outside."""
        pitch = self.side + self.gap
        column, inside_x = divmod(x - self.left, pitch)
        row, inside_y = divmod(y - self.top, pitch)
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        return None if inside_x >= self.side or inside_y >= self.side else row * self.columns + column
