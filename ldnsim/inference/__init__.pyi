from .bands import compare as compare, dose_response as dose_response
from .calibration import calibrate as calibrate
from .draws import posterior as posterior
from .headline import headlines as headlines, readings as readings
from .information import which_study as which_study
from .qualification import qualify as qualify
from .rivalry import (
    against_pet as against_pet,
    binding as binding,
    rivals as rivals,
)
from .sensitivities import sensitivity as sensitivity
from .plausibility import robustness as robustness
