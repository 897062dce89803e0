"""ldnsim: simulate low-dose naltrexone, from a model file to a figure.

A research instrument, not medical advice.
"""

from importlib.metadata import version as _version

import lazy_loader as _lazy

__version__ = _version("ldnsim")

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["plots"],
    submod_attrs={
        "data": ["StudyData", "nca", "read_data"],
        "errors": [
            "BoundsWarning",
            "DropoutWarning",
            "InputError",
            "ModelError",
            "SolverWarning",
            "UnknownNameError",
        ],
        "explorer": ["explore"],
        "inference": [
            "calibrate",
            "compare",
            "dose_response",
            "headlines",
            "posterior",
            "qualify",
            "rivals",
            "robustness",
            "sensitivity",
            "which_study",
        ],
        "io": ["open_result", "save"],
        "library": [
            "conditions",
            "drugs",
            "evidence",
            "formulations",
            "list_models",
            "load_model",
            "references",
        ],
        "readouts": ["Readout", "summarize"],
        "model": ["Model"],
        "regimen": ["Feedback", "Regimen"],
        "result": ["show_versions"],
        "simulation": ["simulate", "steady_state"],
        "study": [
            "claims",
            "cytokine_readings",
            "endotoxin",
            "optimize",
            "published_trials",
            "replay",
            "side_effects",
            "titrate",
            "titrations",
            "virtual_trial",
            "washout",
        ],
        "subjects": ["population"],
        "sweeps": ["open_sweep", "sweep", "variance_split"],
    },
)
