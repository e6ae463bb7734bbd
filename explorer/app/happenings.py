"""What was last heard from the worker, for the status line and for those who wait. Knows no widgets."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.formats.model_info import ModelInfo
from explorer.panels.states import ModelState

SEPARATOR = "   ·   "


@dataclass(slots=True, kw_only=True)
class Happenings:
    """Filled in by the desks, read by everyone."""

    model: ModelState = field(default_factory=ModelState)
    seconds_per_picture: float = 0.0
    failed: str = ""
    """the last failure of a model, of its pictures or of the worker, as a sentence; "" for none"""

    engine_ended: bool = False
    """whether nothing will be made any more until a model is opened again"""

    def status(self, model: ModelInfo | None) -> str:
        """One line: model, resolution, device, speed."""
        parts = [f"Opening {self.model.opening}…"] if self.model.opening else []
        if model is not None and not self.model.opening:
            parts = [self.model.name, f"{model.img_resolution} × {model.img_resolution}"]
        if self.model.device:
            parts.append(self.model.device)
        if self.seconds_per_picture:
            parts.append(f"{self.seconds_per_picture * 1000:.0f} ms a picture")
        return SEPARATOR.join(parts)
