"""Measured tables: doses, covariates and observations in their order, and what their profiles amount to."""

from .noncompartmental import nca
from .reading import read_data
from .study_data import StudyData

__all__ = ["StudyData", "nca", "read_data"]
