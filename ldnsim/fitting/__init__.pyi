from .drawing import population as population, posterior as posterior
from .estimating import fit as fit
from .predicting import predict as predict
from .result import Fit as Fit
