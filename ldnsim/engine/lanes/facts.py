"""The whole numbers that drivers and kernels share, in one array: addresses, places in memory, sizes.

One array instead of dozens of arguments keeps the driver quick to compile and to call; the kernels of
`ldnsim.codegen.lanes` read it too.
"""

# Addresses of the kernels.
DERIVE, STEP, CHECK, NOTE_PEAK, EVALUATE, STORE, SOME = range(7)
# The work block: its address, lanes, places in doubles from its beginning, and what kernels get a pointer to.
WORK, WIDTH, ORIGIN, Y0, Y1, RATES, CONSTANTS, RTOL, ATOL, ERROR, PEAK = range(7, 18)
# States evaluated inside a step: tables (address, length) for free ones and for the linear block, and where to.
FREE, N_FREE, BLOCK, N_BLOCK, POINT = range(18, 23)
# Outputs: how many; whether they are states, evaluated where they are gathered; else where computed ones go, and
# a table (address) of where each chosen one lies.
N_OUT, DIRECT, COMPUTED, CHOSEN, BUFFER = range(23, 28)
# Stored values: address, bytes between outputs, bytes of a number, whether a group shares its output times.
VALUES, STRIDE, SIZE, SHARED, TARGETS, SPARE = range(28, 34)
# Steps allowed; whether the equations jump at events; whether the largest states are noted; where all this lies.
MAX_STEPS, JUMPS, PEAKS, SELF = range(34, 38)
SLICE = 38  # steps between two pauses of the driver
N_FACTS = 39
TIMES = 8  # output times that are gathered and stored at once: 8 doubles fill a cache line

# Columns of the table of trajectories: rows of events and of times.
EVENT_ROW, TIME_ROW = range(2)
# Columns of the table of events.
TIME, KIND, INDEX, VALUE = range(4)
# Columns of the report: how each trajectory ended.
STATUS, FAIL_TIME, STEPS, REJECTED = range(4)
# Rows of a group's bookkeeping, an entry a lane: address of its values, trajectory computed, next event, next
# output, status.
TARGET, WHO, EVENT, OUTPUT, STATE = range(5)
