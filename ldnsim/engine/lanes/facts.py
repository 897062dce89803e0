"""The whole numbers a driver needs, in one array: addresses of kernels, places in memory, sizes.

One array instead of dozens of arguments keeps the drivers quick to compile and to call.
"""

# Addresses of the kernels; see `ldnsim.codegen.lanes`.
DERIVE, STEP, DENSE, OBSERVE, STORE, SOME = range(6)
# The work block: lanes, and places in doubles from its beginning. ORIGIN is what kernels get a pointer to.
WIDTH, ORIGIN, Y0, Y1, RATES, CONSTANTS, RTOL, ATOL = range(6, 14)
# The same in numbers of the stages' precision: first increments (place, distance, how many), errors of lanes.
FIRST, FIRST_STEP, N_FIRST, ERROR = range(14, 18)
# Outputs: how many; the tables of states evaluated (address, length); whether these are the outputs; else where
# the computed ones begin (doubles) and the address of the list of chosen ones.
N_OUT, FREE, N_FREE, BLOCK, N_BLOCK, DIRECT, COMPUTED = range(18, 25)
# Stored values: address, bytes between outputs, bytes of a number, whether a group shares its output times.
VALUES, STRIDE, SIZE, SHARED = range(25, 29)
MAX_STEPS = 29
N_FACTS = 30

# Columns of the table of trajectories: rows of events and of times.
EVENT_ROW, TIME_ROW = range(2)
# Columns of the table of events.
TIME, KIND, INDEX, VALUE = range(4)
# Columns of the report: how each trajectory ended.
STATUS, FAIL_TIME, STEPS, REJECTED = range(4)
# Rows of a group's bookkeeping, an entry a lane: trajectory computed, next event, status, address of its values,
# next output.
WHO, EVENT, STATE, TARGET, OUTPUT = range(5)
