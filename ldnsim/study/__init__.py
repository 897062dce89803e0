"""Whole questions answered with many simulations."""
