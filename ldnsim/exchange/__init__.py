"""Files of other tools: PEtab problems, read as a model, its data and the arguments of a fit, and written."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
