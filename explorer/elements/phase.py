"""The two phases of a gesture. Knows nothing else."""

from typing import Literal

Phase = Literal["drag", "drop"]
"""'drag' while the mouse is down, 'drop' when it is let go or a value was typed"""
