"""Many runs as one labelled result: a grid, its rows, its chunks, and a store that outlives the process.

`grid` says what is varied and `rows` for whom, `work` cuts it into chunks and computes one, `executors`
decide where, `description` says what was asked, `store` and its `journal` keep what is finished, `assemble`
labels it, `sweeping` is the verb, `reading` opens a store. `planfile` reads a sweep from TOML.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
