"""What a course amounts to: readout = variable x reducer x window.

`Readout` is the value; `REDUCERS` says how a curve in a window becomes a number and how that number moves with
the curve; `readouts_of` what a model offers; `metric_nodes` when a run must be looked at so that numbers do not
depend on the output grid; `measure` turns the values at those nodes into numbers, and `summarize` does so for a
Dataset.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
