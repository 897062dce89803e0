from . import plots as plots
from .data import (
    StudyData as StudyData,
    nca as nca,
    read_data as read_data,
)
from .errors import (
    BoundsWarning as BoundsWarning,
    DropoutWarning as DropoutWarning,
    InputError as InputError,
    ModelError as ModelError,
    SolverWarning as SolverWarning,
    UnknownNameError as UnknownNameError,
)
from .exchange import read_petab as read_petab, write_petab as write_petab
from .explorer import explore as explore
from .fitting import (
    Fit as Fit,
    fit as fit,
    population as population,
    posterior as posterior,
    predict as predict,
)
from .inference import (
    calibrate as calibrate,
    compare as compare,
    dose_response as dose_response,
    headlines as headlines,
    qualify as qualify,
    rivals as rivals,
    robustness as robustness,
    sensitivity as sensitivity,
    which_study as which_study,
)
from .io import (
    open_result as open_result,
    save as save,
    to_excel as to_excel,
    to_table as to_table,
)
from .library import (
    conditions as conditions,
    drugs as drugs,
    evidence as evidence,
    formulations as formulations,
    list_models as list_models,
    load_model as load_model,
    references as references,
)
from .model import Model as Model
from .readouts import Readout as Readout, summarize as summarize
from .regimen import Feedback as Feedback, Regimen as Regimen
from .result import show_versions as show_versions
from .simulation import rerun as rerun, simulate as simulate, steady_state as steady_state
from .study import (
    claims as claims,
    cytokine_readings as cytokine_readings,
    dose_for as dose_for,
    endotoxin as endotoxin,
    level_at as level_at,
    optimize as optimize,
    published_trials as published_trials,
    registered as registered,
    replay as replay,
    side_effects as side_effects,
    titrate as titrate,
    titrations as titrations,
    virtual_trial as virtual_trial,
    washout as washout,
)
from .sweeps import (
    open_sweep as open_sweep,
    sweep as sweep,
    variance_split as variance_split,
)
from .webpage import page as page

__version__: str
