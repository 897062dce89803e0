"""The one verb: model x regimens x subjects -> a labelled Dataset; and its steady state.

`request` checks what the user asked for, `grid` says when to look, `plan` asks the engine, `stream` writes to
disk what does not fit in memory, `simulating` puts them together.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
