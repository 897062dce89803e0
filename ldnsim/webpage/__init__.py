"""A model as one HTML file that simulates without a server.

`wasm_of` makes the kernels, `engine_data` describes the model for the engine (``shell/src/engine``) that drives
them in a browser.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
