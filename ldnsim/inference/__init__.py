"""What the evidence says about the model: calibration, posterior, qualification, headlines with bands."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
