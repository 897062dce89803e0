from .description import engine_data as engine_data
from .wasm import wasm_of as wasm_of
