from .rerunning import rerun as rerun
from .simulating import simulate as simulate
from .steady import steady_state as steady_state
