from .catalogue import (
    asked_of as asked_of,
    available as available,
    chosen as chosen,
    readouts_of as readouts_of,
    refuse_silent as refuse_silent,
    the_one as the_one,
)
from .labels import (
    CUT as CUT,
    exact_up_to as exact_up_to,
    labelled as labelled,
    meaning as meaning,
)
from .measuring import (
    columns_of as columns_of,
    measure as measure,
    measure_slopes as measure_slopes,
)
from .nodes import metric_nodes as metric_nodes
from .readout import Readout as Readout
from .reducers import REDUCERS as REDUCERS
from .summary import (
    refuse_unseen as refuse_unseen,
    summarize as summarize,
    warn_of_the_begun as warn_of_the_begun,
    warn_of_the_bent as warn_of_the_bent,
)
from .windows import (
    Marks as Marks,
    WINDOWS as WINDOWS,
    spans_of as spans_of,
)
