"""Advance arrays in time: events hit exactly, a status for every trajectory, no biology.

`System` is what is integrated, `Events` what happens to it at given times, `integrate` (in
`ldnsim.engine.solve`) the verb. Nothing here knows models, units or labels.
"""

from .events import Events
from .problem import Problem, Solution
from .status import Status
from .system import System

__all__ = ["Events", "Problem", "Solution", "Status", "System"]
