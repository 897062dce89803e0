"""Benchmarks of ldnsim and its peers: ratios in one run on one machine, never absolute promises."""
