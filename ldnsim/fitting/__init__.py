"""What a user's own data say: predictions, likelihood, estimates of one patient or of a population, and their checks."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
