"""Types that several signatures share, for checkers and editors alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr

Numbers: TypeAlias = "Sequence[float] | np.ndarray | pd.Series | pd.Index | xr.DataArray"
