"""A number on the page: typed or slid, refused with the reason beside it."""

from __future__ import annotations

from importlib.resources import files

import param
from panel.custom import JSComponent

from ..errors import InputError
from ..webpage.fields import Clock, Number

_HERE = files(__package__)


class NumberControl(JSComponent):
    """Label, text box, slider and message of one `Number`; `value` changes only to what is allowed.

    Parameters
    ----------
    number : Number
        What is allowed.
    """

    name_ = param.String(doc="Name in the code.")
    label = param.String(doc="Name on the page.")
    unit = param.String()
    inputmode = param.String("decimal")
    stops = param.List(item_type=str, doc="Where the slider halts, as text.")
    text = param.String(doc="What stands in the box.")
    place = param.Integer(0, doc="Number of the slider's stop.")
    refused = param.String(doc="Why the text is not allowed; empty if it is.")
    value = param.Parameter(doc="The last value that was allowed.")

    _esm = _HERE.joinpath("control.js").read_text(encoding="utf-8")
    _stylesheets = (_HERE.joinpath("control.css").read_text(encoding="utf-8"),)

    def __init__(self, number: Number, **params) -> None:
        self._number = number
        super().__init__(
            name_=number.name,
            label=number.label,
            unit=number.unit,
            inputmode="text" if isinstance(number, Clock) else "decimal",
            stops=[number.write(s) for s in number.stops],
            text=number.write(number.start),
            place=number.place(number.start),
            value=number.start,
            **params,
        )
        self.param.watch(self._read, "text")

    def put(self, value) -> None:
        """Set the control from the code."""
        self.text = self._number.write(value)

    def _read(self, event) -> None:
        try:
            value = self._number.read(event.new)
        except InputError as error:
            self.refused = str(error)
            return
        self.param.update(refused="", place=self._number.place(value), value=value)
