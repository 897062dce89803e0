"""How Sphinx builds the site: ``python -m sphinx -W --keep-going -b html docs OUT``. Nothing is fetched."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from extensions.reference import described

import ldnsim

project = "ldnsim"
author = "The ldnsim developers"
copyright = author
version = release = ldnsim.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
    "extensions.mathml",
    "extensions.pages",
]
exclude_patterns = ["_build", "_templates", "extensions", "generated/gallery.md"]
templates_path = ["_templates"]
default_role = "py:obj"

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks are run by the tests; here their stored outputs are shown
nb_merge_streams = True

autosummary_generate = True
autosummary_context = {"described": described()}
autodoc_typehints = "none"  # the docstrings say it in words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # each has a page of its own
numpydoc_xref_param_type = False

# Pages of wide tables do without the column at the right.
WIDE = ["questions", "claims", "immune", "trials", "qualification", "promises"]
WIDE += ["generated/evidence", "generated/fails_loudly"]
WIDE += [f"generated/models/ldn_{page}" for page in ("parameters", "scenarios", "doses")]
html_theme = "pydata_sphinx_theme"
html_title = "ldnsim"
html_static_path = ["_static", "generated/static"]
html_css_files = ["custom.css"]
html_js_files = ["tables.js"]
html_search_scorer = str(Path(__file__).parent / "_static" / "scorer.js")  # guides before pages of single names
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "ldnsim"},
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 10,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "show_toc_level": 2,
    "footer_start": ["disclaimer"],
    "footer_center": [],
    "footer_end": ["sphinx-version"],
    "secondary_sidebar_items": {"**": ["page-toc"]} | {page: [] for page in WIDE},
    "pygments_light_style": "tango",
    "pygments_dark_style": "monokai",
}
html_sidebars = {page: [] for page in ("index", "start", "questions", "gallery", "explorer")}

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
