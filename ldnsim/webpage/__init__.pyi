from .description import engine_data as engine_data
from .making import html as html, page as page
from .wasm import wasm_of as wasm_of
