"""What the evidence says about the model: calibration, posterior, qualification, headlines with bands."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "bands": ["compare", "dose_response"],
        "calibration": ["calibrate"],
        "draws": ["posterior"],
        "headline": ["headlines", "readings"],
        "information": ["which_study"],
        "qualification": ["qualify"],
        "rivalry": ["against_pet", "binding", "rivals"],
        "sensitivities": ["sensitivity"],
        "story": ["robustness"],
    },
)
