"""ldnsim: simulate low-dose naltrexone, from a model file to a figure.

A research instrument, not medical advice.
"""

from importlib.metadata import version as _version

__version__ = _version("ldnsim")
