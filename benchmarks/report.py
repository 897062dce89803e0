"""A contest's records as a table and a work-precision figure: ``python -m benchmarks.report peers.json``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

COLOURS = {
    "ldnsim": "#b2182b", "numbalsoda": "#2166ac", "heyoka": "#1b7837", "libRoadRunner": "#762a83",
    "diffrax": "#b35806", "SciPy": "#636363",
}  # fmt: skip


def _seconds(rung: dict, threads: int) -> float:
    """Seconds a trajectory: CPU time on one core (other programs do not count), wall time on several."""
    return rung["cpu"] if threads == 1 else rung["wall"]


def _short(x: float) -> str:
    """Three digits or so, as people write them: 5.61, 23.9, 156, 11,040."""
    return f"{x:,.0f}" if x >= 99.5 else f"{x:.3g}"


def table(results: dict) -> str:
    """Return a Markdown table of every case: rate, ratio to ldnsim, tolerance, achieved error."""
    machine = results["machine"]
    threads, lines = machine["threads"], []
    for contest in results["contests"]:
        entries = [e for e in contest["entries"] if e["chosen"]]
        own = next((e for e in entries if e["name"] == "ldnsim"), None)
        base = _seconds(own["chosen"], threads) if own else None
        lines += [
            f"### {contest['case']}: {contest['days']} days, {threads} core{'s' * (threads > 1)}, "
            f"max error <= {contest['bar']:g}",
            "",
            "| solver | trajectories/s | ldnsim is faster by | tolerance | max error | subjects |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for e in sorted(entries, key=lambda e: _seconds(e["chosen"], threads)):
            c, seconds = e["chosen"], _seconds(e["chosen"], threads)
            ratio = f"{_short(seconds / base)}x" if base else "-"
            numbers = f"{_short(1 / seconds)} | {ratio} | {c['tol']:.1e} | {c['error']:.1e} | {e['subjects']}"
            lines.append(f"| {e['name']} | {numbers} |")
        lines += [
            f"| {e['name']} | - | - | - | {e['failure']} | - |" for e in contest["entries"] if not e["chosen"]
        ]
        lines += [""] + [f"{e['name']}: {e['note']}." for e in entries if e["note"]] + [""]
    shown = ", ".join(f"{k} {v}" for k, v in machine["versions"].items() if v)
    return "\n".join(
        [*lines, f"{machine['cpu']}; {machine['system']}; Python {machine['python']}; {shown}.", ""]
    )


def figure(results: dict, path: Path) -> None:
    """Draw milliseconds a trajectory against achieved error, one panel a case."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    threads, contests = results["machine"]["threads"], results["contests"]
    fig, axes = plt.subplots(
        1, len(contests), figsize=(6.4 * len(contests), 4.8), sharey=True, squeeze=False, layout="constrained"
    )
    for ax, contest in zip(axes[0], contests, strict=True):
        _panel(ax, contest, threads)
    axes[0][0].set_ylabel("time per trajectory (ms)")
    handles, labels = axes[0][0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside right center", frameon=False, fontsize=9)
    fig.savefig(path, dpi=150)
    plt.close(fig)


def _panel(ax, contest: dict, threads: int) -> None:
    seen: dict[str, int] = {}
    for e in contest["entries"]:
        family = e["name"].split()[0].rstrip(",")
        k = seen[family] = seen.get(family, -1) + 1
        points = [(r["error"], 1e3 * _seconds(r, threads)) for r in e["ladder"] if r["error"] < 0.1]
        if not points:
            continue
        ax.plot(
            *zip(*points, strict=True), label=e["name"], lw=1.6,
            marker="osD^"[k % 4], ms=4, color=COLOURS.get(family, "black"), ls=["-", "--", ":", "-."][k % 4],
        )  # fmt: skip
    ax.axvline(contest["bar"], color="0.6", lw=0.8, zorder=0)
    ax.annotate(
        "bar", (contest["bar"], 1), xycoords=("data", "axes fraction"), xytext=(3, -11),
        textcoords="offset points", fontsize=8, color="0.4",
    )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="largest error, |y - ref| / (1e-3 + |ref|)")
    ax.set_title(
        f"{contest['case']}, {contest['days']} days, {threads} core{'s' * (threads > 1)}", fontsize=11
    )
    ax.invert_xaxis()
    ax.grid(True, which="major", lw=0.4, color="0.88")
    ax.spines[["top", "right"]].set_visible(False)


def write(path: Path) -> str:
    """Write table and figure beside the JSON at ``path`` and return the table."""
    results = json.loads(path.read_text(encoding="utf-8"))
    text = table(results)
    path.with_suffix(".md").write_text(text, encoding="utf-8")
    figure(results, path.with_suffix(".png"))
    return text


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))
