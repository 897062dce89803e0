"""Equations -> SIMD kernels with one lane a trajectory, as object code that loads in milliseconds."""

from .source import LaneSource

__all__ = ["LaneSource"]
