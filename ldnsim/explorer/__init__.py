"""The explorer: controls, live curves and metrics in a browser or in Jupyter.

`fields` and `form` say what can be chosen, `request` turns choices into calls of the library, `compute` runs
them, `script` writes them as code, `download` makes files; none of these knows a browser. `charts`, `table`,
`control` and `page` draw, `session` joins the two for one user, `opening` shows and serves.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
