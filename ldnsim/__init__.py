"""ldnsim: simulate low-dose naltrexone, from a model file to a figure.

A research instrument, not medical advice.
"""

from importlib.metadata import version as _version

import lazy_loader as _lazy

__version__ = _version("ldnsim")

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
