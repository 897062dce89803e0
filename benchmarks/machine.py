"""The machine a result was measured on, and how to hold a run to some of its cores."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys

PACKAGES = (
    "ldnsim", "numpy", "scipy", "numba", "llvmlite", "numbalsoda", "heyoka", "libroadrunner",
    "diffrax", "jax",
)  # fmt: skip


def confine(threads: int) -> list[int]:
    """Hold this process to its last ``threads`` CPUs and libraries to as many threads; call before imports.

    Returns the CPUs used, or an empty list where the system cannot pin (macOS, Windows).
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(threads)
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    if not hasattr(os, "sched_setaffinity"):
        print("this system cannot pin a process to CPUs: times may be noisier", file=sys.stderr)
        return []
    cpus = sorted(os.sched_getaffinity(0))[-threads:]
    os.sched_setaffinity(0, cpus)
    return cpus


def _cpu_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line)
    except OSError:
        return platform.processor() or platform.machine()
    fields = {k.strip(): v.strip() for k, v in lines.items()}
    flags = [
        f
        for f in ("avx512f", "avx2", "asimd")
        if f in fields.get("flags", fields.get("Features", "")).split()
    ]
    return f"{fields.get('model name', platform.machine())}, {' '.join(flags[:1]) or 'no wide SIMD known'}"


def describe(threads: int, cpus: list[int]) -> dict:
    """Return what a reader needs to judge the numbers: machine, cores used, versions."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "pinned_to": cpus,
        "threads": threads,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": versions,
    }
