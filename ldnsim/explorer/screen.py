"""The page of one user: controls beside key numbers, curves and table, all fed by a `Session`."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

import panel as pn

from ..plots import read
from ..plots.chain import CHAIN, Panel
from ..plots.style import COLOURS
from ..webpage.fields import Field, Number, Pick
from . import table
from .charts import Charts
from .compute import NOW, PINNED
from .control import NumberControl
from .download import FILES, content
from .request import OPIOID

if TYPE_CHECKING:
    from .compute import Bench
    from .session import Session

_TITLE = "Low-dose naltrexone"
_HELP = {
    "Opioid": "Long-term use: the person is used to the opioid, at steady state, when naltrexone begins.",
    "Draws": "Draws of what the evidence leaves open, no people; the band holds 90 % of them.",
}
_OPIOID_ONLY = ("opioid_dose", "opioid_interval", "opioid_use")


def _css(name: str) -> str:
    return files(__package__).joinpath(f"{name}.css").read_text(encoding="utf-8")


class Page:
    """Layout and wiring.

    Parameters
    ----------
    session : Session
        State of the user.
    bench : Bench
        Models and draws at hand, for downloads.
    """

    def __init__(self, session: Session, bench: Bench) -> None:
        self.session, self._bench = session, bench
        self._html, self._parts, self._widget = _css("html"), _css("parts"), _css("widget")
        observables = set(session.form.model.observables)
        self.charts = Charts(tuple(p for p in (*CHAIN, OPIOID) if set(p.variables) <= observables))
        self.controls: dict[str, pn.viewable.Viewable] = {}
        self._says: dict[str, pn.pane.HTML] = {}
        self._status, self._told, self._keys, self._table = (self._text() for _ in range(4))
        self._status.css_classes = ["grow"]
        self._rows = [self._row(k, panel) for k, panel in enumerate(self.charts.panels)]
        self._heads = self._text()
        session.on_change(self.refresh)
        self.layout = self._layout()

    # --- pieces -------------------------------------------------------------------------------------------

    def _text(self, html: str = "") -> pn.pane.HTML:
        return pn.pane.HTML(html, stylesheets=[self._html], margin=0, sizing_mode="stretch_width")

    def _box(self, *items, kind: str) -> pn.Column:
        return pn.Column(*items, css_classes=[kind], stylesheets=[self._parts], margin=0)

    def _layout(self) -> pn.Column:
        side = self._side()
        fold = self._button("Show controls")
        fold.on_click(lambda _: self._fold(side, fold))
        bar = (
            f'<header class="bar"><h1>{_TITLE} <span>from the dose to the cytokine</span></h1>'
            f'<p class="notice">{table.NOTICE}</p></header>'
        )
        panels = self._box(self._heads, *self._rows, kind="panels")
        main = self._box(
            self._box(fold, kind="fold"),
            self._box(self._status, self._tools(), kind="top"),
            self._told,
            self._keys,
            panels,
            self._table,
            kind="main",
        )
        return pn.Column(
            self._box(self._text(bar), kind="head"),
            self._box(side, main, kind="body"),
            stylesheets=[_css("page")],
            margin=0,
            sizing_mode="stretch_width",
        )

    def _side(self) -> pn.Column:
        groups = []
        for name, fields in self.session.form.groups.items():
            items = [self._text(f'<h2 class="group">{escape(name)}</h2>')]
            for field in fields:
                items.append(self._control(field))
                if isinstance(field, Pick) and field.says:
                    self._says[field.name] = self._text()
                    items.append(self._says[field.name])
            if name in _HELP:
                items.append(self._text(f'<p class="says">{escape(_HELP[name])}</p>'))
            groups.append(self._box(*items, kind="group"))
        self._follow()
        return self._box(*groups, kind="side")

    def _control(self, field: Field) -> pn.viewable.Viewable:
        value = self.session.choices[field.name]
        if isinstance(field, Number):
            control = NumberControl(field, margin=0, sizing_mode="stretch_width")
            control.put(value)
        else:
            control = pn.widgets.Select(
                label=field.label, options=dict(field.options), value=value,
                stylesheets=[self._widget], margin=0, sizing_mode="stretch_width",
            )  # fmt: skip
        control.param.watch(lambda event, name=field.name: self._changed(name, event.new), "value")
        self.controls[field.name] = control
        return control

    def _button(self, text: str, **more) -> pn.widgets.Button:
        return pn.widgets.Button(
            label=text, stylesheets=[self._widget], margin=0, css_classes=["small"], **more
        )

    def _tools(self) -> pn.Column:
        pin, clear = self._button("Pin as A to compare"), self._button("Remove A", disabled=True)
        pin.on_click(lambda _: self.session.pin())
        clear.on_click(lambda _: self.session.unpin())
        self.session.on_change(lambda: setattr(clear, "disabled", PINNED not in self.session.pictures))
        kinds = pn.widgets.Select(
            label="File", options=FILES, width=150, stylesheets=[self._widget], margin=0, css_classes=["small", "row"],
        )  # fmt: skip
        load = pn.widgets.FileDownload(
            callback=lambda: BytesIO(self.file(kinds.value)),
            filename=kinds.value,
            label="Download",
            stylesheets=[self._widget],
            margin=0,
            css_classes=["small"],
        )
        kinds.param.watch(lambda event: setattr(load, "filename", event.new), "value")
        return self._box(pin, clear, kinds, load, kind="tools")

    def _row(self, k: int, panel: Panel) -> pn.Column:
        items = "".join(
            f'<li style="--colour:{colour}">{escape(read.SHORT.get(v, v.replace("_", " ")))}</li>'
            for colour, v in zip(COLOURS, panel.variables, strict=False)
        )
        head = self._text(
            f'<div class="panel"><h3>{escape(panel.title)} <span>{escape(self._unit(panel))}</span></h3>'
            f"<ul>{items}</ul></div>"
        )
        days, hours = (
            pn.pane.Bokeh(plot, margin=0, sizing_mode="stretch_width")
            for plot in (self.charts.of_days[k], self.charts.of_hours[k])
        )
        pair = self._box(self._box(days, kind="part"), hours, kind="pair")
        return pn.Column(head, pair, margin=0, sizing_mode="stretch_width")

    def _unit(self, panel: Panel) -> str:
        units = self.session.form.model.outputs["unit"]
        if panel.limits:
            return "share" if panel is not OPIOID else "0 to 1"
        unit = units[panel.variables[0]]
        return "fold of untreated" if unit == "1" else unit

    # --- what follows a change ----------------------------------------------------------------------------

    def _changed(self, name: str, value) -> None:
        if name == "opioid" and value:
            usual = self.session.form.usual(value)
            with self.session.held():  # each control that moves tells the session too
                self.session.choose(opioid=value, **usual)
                for other, number in usual.items():
                    self._set(other, number)
            self._follow()
            self.session.draw()
            return
        self.session.choose(**{name: value})
        self._follow()

    def _set(self, name: str, value) -> None:
        control = self.controls[name]
        if isinstance(control, NumberControl):
            control.put(value)
        else:
            control.value = value

    def _follow(self) -> None:
        """Sentences below the choices, and controls that matter only with an opioid."""
        for name, text in self._says.items():
            chosen = self.session.choices[name]
            says = self.session.form[name].says
            text.object = f'<p class="says">{escape(says[chosen]) if chosen else ""}</p>'
        for name in _OPIOID_ONLY:
            if name in self.controls:
                self.controls[name].visible = bool(self.session.choices["opioid"])

    def _fold(self, side: pn.Column, button: pn.widgets.Button) -> None:
        opened = "open" not in side.css_classes
        side.css_classes = ["side", "open"] if opened else ["side"]
        button.label = "Hide controls" if opened else "Show controls"

    def refresh(self) -> None:
        """Bring what the session holds to the browser, in one message."""
        shown = self.session.shown
        with pn.io.hold():
            self._told.object = table.told(shown, self.session.trouble)
            self._told.visible = bool(self._told.object)
            if NOW not in shown:
                return
            self.charts.show(shown)
            long = any(p.request.late for p in shown.values())
            have = {v for p in shown.values() for v in p.request.outputs}
            for panel, row in zip(self.charts.panels, self._rows, strict=True):
                row.visible = bool(have & set(panel.variables))
                row[1].css_classes = ["pair"] if long else ["pair", "short"]
                row[1][0].visible = long
            hours = round(self.charts.hours.end - self.charts.hours.start)
            last = f"last {hours:g} h" if shown[NOW].request.late else "the whole run"
            several = any(p.finished > 1 for p in shown.values())
            day, hour = (" of the median", ": median and 5 to 95 % of the draws") if several else ("", "")
            self._heads.object = (
                f'<p class="parts{"" if long else " short"}"><span>by day: range{day} within each 24 h'
                f"</span><span>{last}{hour}</span></p>"
            )
            self._keys.object, self._table.object = table.keys(shown), table.table(shown)
            self._status.object = table.status(shown, self.session.count)

    def file(self, name: str) -> bytes:
        """Make a file of what is on the page."""
        shown = self.session.shown
        return content(name, shown if len(shown) > 1 else {"regimen": shown[NOW]}, self._bench)
