"""Figures from a Dataset: each function returns (figure, axes) and never shows a window.

They need nothing but the Dataset (or a table), so they work on a file read back from disk. Matplotlib is
imported when the first figure is drawn. The house style fills in only what the user's rcParams left alone.
"""

from .bands import population_band
from .comparison import compare
from .course import timecourse
from .coverages import coverage
from .cytokines import cytokine_panel
from .diagram import model_diagram
from .doses import dose_response
from .fits import gof, individual_fits, vpc
from .front import pareto
from .grid import heatmap
from .ladder import titration_ladder
from .measured import occupancy, qualification
from .portrait import phase_portrait
from .profiles import profiles
from .ranking import robustness, tornado
from .visits import study_view
from .waits import washout

__all__ = [
    "compare",
    "coverage",
    "cytokine_panel",
    "dose_response",
    "gof",
    "heatmap",
    "individual_fits",
    "model_diagram",
    "occupancy",
    "pareto",
    "phase_portrait",
    "population_band",
    "profiles",
    "qualification",
    "robustness",
    "study_view",
    "timecourse",
    "titration_ladder",
    "tornado",
    "vpc",
    "washout",
]


def __dir__() -> list[str]:
    """List the figures, not the modules that draw them."""
    return sorted(__all__)
