"""The lane engine: groups of trajectories, one in each SIMD lane, share time and step size.

A group follows the trajectory's index, so threads and chunks that keep groups whole change no bit.
"""
