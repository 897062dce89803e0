"""Figures from a Dataset: each function returns (figure, axes) and never shows a window.

They need nothing but the Dataset (or a table), so they work on a file read back from disk. Matplotlib is
imported when the first figure is drawn. The house style fills in only what the user's rcParams left alone.
"""

from .bands import population_band
from .comparison import compare
from .course import timecourse
from .doses import dose_response
from .grid import heatmap
from .ranking import tornado

__all__ = ["compare", "dose_response", "heatmap", "population_band", "timecourse", "tornado"]
