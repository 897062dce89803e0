from .sweeping import open_sweep as open_sweep, sweep as sweep
from .variance import variance_split as variance_split
