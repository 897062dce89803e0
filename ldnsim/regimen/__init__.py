"""Dosing as a value: an immutable table of NONMEM records, with sugar to write it."""

from .feedback import Feedback
from .names import DRUG
from .record import Dose, Record
from .regimen import Regimen

__all__ = ["Feedback", "DRUG", "Dose", "Record", "Regimen"]
