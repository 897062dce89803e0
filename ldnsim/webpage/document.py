"""The HTML file: everything inlined, and a policy that forbids every request."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from html import escape
from pathlib import Path
from typing import Any

from ..errors import ModelError

BUILT = Path(__file__).with_name("shell") / "dist"  # written by `npm run build` in the folder above it

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="ldnsim {version}">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="app"><p class="loading">Starting the simulator …</p></div>
<noscript><p class="loading">This page computes in the browser and needs JavaScript.</p></noscript>
<script type="application/json" id="spec">{spec}</script>
<script type="application/json" id="engine">{engine}</script>
<script type="application/octet-stream" id="wasm">{wasm}</script>
<script type="text/plain" id="worker">{worker}</script>
<script>{script}</script>
</body>
</html>
"""


def document(spec: dict[str, Any], engine: dict[str, Any], wasm: bytes) -> str:
    """Write the page.

    Parameters
    ----------
    spec : dict
        As `ldnsim.webpage.spec.spec` makes it.
    engine : dict
        As `ldnsim.webpage.engine_data` makes it.
    wasm : bytes
        The kernels.
    """
    script, style = shell("page.js"), shell("style.css")
    return _PAGE.format(
        policy=policy(script, style),
        version=escape(spec["version"]),
        title=escape(f"{spec['title']}: simulate"),
        style=style,
        spec=_json(spec),
        engine=_json(engine),
        wasm=base64.b64encode(wasm).decode(),
        worker=shell("worker.js"),
        script=script,
    )


def policy(script: str, style: str) -> str:
    """Allow this script and this style, WebAssembly and a worker made of the page itself; nothing else."""
    rules = {
        "default-src": "'none'",
        "script-src": f"{_hash(script)} 'wasm-unsafe-eval' blob:",
        "worker-src": "blob:",
        "style-src": _hash(style),
        "img-src": "data: blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {what}" for name, what in rules.items())


@functools.cache
def shell(name: str) -> str:
    """Return a file of the built shell.

    Raises
    ------
    ModelError
        If it is not there.
    """
    path = BUILT / name
    if not path.is_file():
        raise ModelError(f"the page's {name} is not built; run `npm ci && npm run build` in {BUILT.parent}")
    text = path.read_text(encoding="utf-8")
    if re.search(r"</?script|</style|<!--", text, re.IGNORECASE):
        raise ModelError(f"the page's {name} would end its own element; build it again")
    return text


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(data: dict[str, Any]) -> str:
    """Write JSON that cannot end its element, whatever its words are."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")
