"""Dosing as a value: an immutable table of NONMEM records, with sugar to write it."""

from .record import Dose, Record
from .regimen import Regimen

__all__ = ["Dose", "Record", "Regimen"]
