"""What a model is: read, understood and kept as an immutable value."""

from .model import Model
from .presets import Preset

__all__ = ["Model", "Preset"]
