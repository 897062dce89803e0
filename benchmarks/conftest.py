"""Let ``pytest benchmarks`` find this folder as a package, after an installed ldnsim."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:
    sys.path.append(ROOT)
