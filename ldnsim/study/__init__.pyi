from .question_table import questions as questions
from .cytokines import cytokine_readings as cytokine_readings, endotoxin as endotoxin
from .dose_search import dose_for as dose_for
from .harms import side_effects as side_effects
from .moments import level_at as level_at
from .optimise import optimize as optimize
from .published import published_trials as published_trials
from .registry import registered as registered
from .titration import (
    replay as replay,
    titrate as titrate,
    titrations as titrations,
)
from .trial import virtual_trial as virtual_trial
from .verdicts import claims as claims
from .waits import washout as washout
