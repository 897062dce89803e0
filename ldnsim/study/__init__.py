"""Whole questions answered with many simulations."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "asked": ["questions"],
        "cytokines": ["cytokine_readings", "endotoxin"],
        "harms": ["side_effects"],
        "optimise": ["optimize"],
        "published": ["published_trials"],
        "titration": ["replay", "titrate", "titrations"],
        "trial": ["virtual_trial"],
        "verdicts": ["claims"],
        "waits": ["washout"],
    },
)
