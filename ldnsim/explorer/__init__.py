"""The explorer: the page of `ldnsim.webpage`, shown in Jupyter and served to a browser on this machine.

`opening` makes and shows it, `serving` answers requests.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
