"""``python -m ldnsim.webpage.prebuild``: the modules of the shipped models, put into the package before a wheel is made."""

from __future__ import annotations

from .. import library
from .wasm import prebuild

if __name__ == "__main__":
    for name in library.list_models():
        print(prebuild(library.load_model(name)))
