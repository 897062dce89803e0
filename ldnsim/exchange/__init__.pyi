from .reading import read_petab as read_petab
from .writing import write_petab as write_petab
