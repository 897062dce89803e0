from .reading import open_sweep as open_sweep
from .sweeping import sweep as sweep
from .variance import variance_split as variance_split
