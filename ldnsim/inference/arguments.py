"""What the functions of inference and study ask of their arguments alike."""

from __future__ import annotations

from typing import Any

from ..errors import instance, whole
from ..model import Model


def a_model(model: Any) -> Model:
    """Return `model`, or tell that it is none and how to get one."""
    return instance("model", model, Model, "a Model", "ldnsim.load_model('ldn')")


def a_seed(seed: Any) -> int:
    """Return a whole number >= 0 of which all random numbers follow."""
    return whole("seed", seed)
