"""What tests of PEtab problems share: tables as words, and likelihoods in closed form and by a fit."""

import math

import ldnsim as ldn

VERSION_1 = """
format_version: 1
parameter_file: parameters.tsv
problems:
- sbml_files: [model.xml]
  condition_files: [conditions.tsv]
  measurement_files: [measurements.tsv]
  observable_files: [observables.tsv]
"""
VERSION_2 = """
format_version: 2.0.0
parameter_files: [parameters.tsv]
model_files: {one: {location: model.xml, language: sbml}}
measurement_files: [measurements.tsv]
observable_files: [observables.tsv]
"""


def table(text):
    """A table of words as tab-separated text; a dot is an empty cell."""
    rows = [["" if cell == "." else cell for cell in line.split()] for line in text.strip().splitlines()]
    return "\n".join("\t".join(row) for row in rows) + "\n"


def likelihood(path):
    """Log likelihood at the nominal parameters."""
    model, data, arguments = ldn.read_petab(path)
    return -0.5 * ldn.fit(model, data, **(arguments | {"estimate": []})).objective


def normal(y, f, sd):
    return -0.5 * ((y - f) / sd) ** 2 - math.log(sd) - 0.5 * math.log(2 * math.pi)
