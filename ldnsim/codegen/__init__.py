"""Equations to compiled kernels, kept on disk so that the next process compiles nothing."""

from .program import Program, program

__all__ = ["Program", "program"]
