"""Where a group of lanes is on its way: one array, kept while the driver is back in Python for a look around."""

# Slots of `way`.
UNDER_WAY = 0  # 1 while a group is not through
INSIDE = 1  # 1 inside an interval, 0 where its events and outputs wait to be seen to
T = 2  # time reached (h)
T_END, STOP = 3, 4  # end of the interval, and how far steps go in it: less where the equations jump
HOLD = 5  # outputs from here on wait for the events of their instant
T_OUT = 6  # next output time, infinite if there is none
T_LAST = 7  # last output time of all lanes
AT = 8  # where the state lies in the work block
H = 9  # step to try next
H_DUE = 10  # the one that was due after the last accepted step
H_FIRST = 11  # first step accepted after an event: the guess after the next one
BEGIN, AFTER_EVENT = 12, 13  # how the next step begins; 1 until one is accepted after an event
T_ACTED, INTERVALS = 14, 15  # last time at which events acted, and how many instants with events there were
BLIND = 16  # rejected steps in a row whose error is not finite
STEPS, REJECTED = 17, 18
LEFT = 19  # steps to go before the driver returns to Python
N_SLOTS = 20
