"""What the site adds to Sphinx: pages written from the models and the package, and formulas as MathML."""
