"""Where things lie in the block of memory that a group of lanes works in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from .graph import Level
from .parts import BlockPart, parts
from .structure import LaneStructure
from .variant import ORIGIN
from .vector import Lanes

STAGES = 8
SUMMED = 5  # from this stage on, an argument is the one before plus an increment
LARGE = 20_000  # instructions of a step; from here on its stages share their code, see `large`
_COSTS = {"pow": 25, "exp": 20, "log": 20, "sin": 30, "cos": 30, "tan": 60, "tanh": 40, "recip": 4, "sqrt": 4}
DEAR = 20  # cost from which a value is better stored than computed twice


@dataclass
class Layout:
    """Byte offsets from the kernels' pointer, which is `origin` bytes into the block.

    Attributes
    ----------
    state, stage : Lanes
        Vectors of states (double precision) and of stages.
    at : dict
        Offset of each region's first row or number.
    size : int
        Bytes of the block.
    """

    structure: LaneStructure
    state: Lanes
    stage: Lanes
    terms: int
    slots: int
    frontier: list[int]
    derived: list[int]
    exponents: list[int]
    inputs: bool = False
    explicit: bool = False
    fed: tuple[int, ...] | None = None
    origin: int = ORIGIN
    looked: tuple[int, ...] | None = None
    at: dict[str, int] = field(default_factory=dict)
    size: int = 0

    def __post_init__(self) -> None:
        s, n, m = self.structure, len(self.structure.free), len(self.structure.block)
        keys = [*s.elimination.entries, *((i, i) for i in range(n))]
        self._factors = {key: i for i, key in enumerate(keys)}
        self._numbers = {key: i for i, key in enumerate(key for part in self.parts for key in part.numbers)}
        wide, row = self.state.row, self.stage.row
        self._region("scalars", 8 * 8)
        self._region("weights", 16 * 8)
        self._region("coupling", 32 * 8)
        self._region("exponents", len(self.exponents) * 8)
        self._region("stages", STAGES * n * row)
        self._region("change", n * row)
        self._region("rhs", n * row)
        self._region("coupled", n * row)
        self._region("recoupled", n * row)
        self._region("start", (n if wide != row or self.large else 0) * row)
        self._region("argument", (n if self.large or self.explicit else 0) * row)
        self._region("factors", len(keys) * row)
        self._region("drift", n * row)
        self._region("slots", self.slots * len(self.frontier) * row)
        self._region("derived", len(self.derived) * row)
        self._region("series", (self.terms + 1) * m * row)
        self._region("slope", (m if self.large else 0) * row)
        self._region("solver", (len(self._numbers) if self.large else 0) * row)
        self._region("y0", len(s.states) * wide)
        self._region("y1", len(s.states) * wide)
        self._region("worst", 2 * row)
        self._region("error", wide)
        self._region("rates", len(s.states) * wide)
        self._region("constants", len(s.constants) * wide)
        self._region("precise", (len(self.derived) if wide != row else 0) * wide)
        self._region("point", len(s.states) * wide)
        self._region("peak", len(s.states) * wide)
        self._region("atol", len(s.states) * 8)
        self.size = -(-self.size // 64) * 64

    @cached_property
    def large(self) -> bool:
        """Whether the model is so large that its stages share their code."""
        return self.work >= LARGE

    @cached_property
    def work(self) -> float:
        """Instructions of a step, roughly."""
        s, n, m = self.structure, len(self.structure.free), len(self.structure.block)
        rates = self._cost(s.rates, Level.STATE)
        if self.explicit:  # its loops go through memory
            return 1.75 * (6 * (rates + self._cost(s.rates, Level.INPUT)) + 28 * n)
        stage = rates + 14 * n + 2 * len(s.elimination.entries)
        early = self._cost(self.frontier, Level.INPUT) + self.terms * m
        return STAGES * stage + len(s.elimination.updates) + self.terms * (len(s.matrix) + m) + 5 * early

    @cached_property
    def parts(self) -> tuple[BlockPart, ...]:
        """The linear block in parts that each need only earlier ones."""
        return parts(len(self.structure.block), self.structure.matrix)

    def _cost(self, roots: Iterable[int], level: Level) -> int:
        """Sum the costs of the nodes of one level that roots need."""
        g = self.structure.graph
        here = (n for n in self.structure.walk(roots, level) if g.levels[n] == level)
        return sum(_COSTS.get(g.nodes[n].op, 1) for n in here)

    def _region(self, name: str, size: int) -> None:
        self.at[name] = self.size - self.origin
        self.size += -(-size // 64) * 64

    def is_fed(self, state: int) -> bool:
        """Whether a state may have an input rate."""
        return self.inputs and (self.fed is None or state in self.fed)

    @cached_property
    def seen(self) -> tuple[list[int], set[int]]:
        """The outputs that are looked at, and the states that they need."""
        s, g = self.structure, self.structure.graph
        outputs = list(range(len(s.outputs)) if self.looked is None else self.looked)
        needed = (g.nodes[n] for n in s.walk((s.outputs[i] for i in outputs), Level.INPUT))
        return outputs, {node.args[0] for node in needed if node.op in ("state", "input")}

    # -- rows -------------------------------------------------------------------------------------------------
    def u(self, i: int, stage: int) -> int:
        """Increment of a free state in a stage; the stages of a state lie together."""
        return self.at["stages"] + (i * STAGES + stage) * self.stage.row

    def factor(self, key: tuple[int, int]) -> int:
        """Entry of the factors, by positions within the free states; (i, i) is the inverse of a pivot."""
        return self.at["factors"] + self._factors[key] * self.stage.row

    def stage_row(self, region: str, i: int) -> int:
        """Row of a region in stage precision."""
        return self.at[region] + i * self.stage.row

    def state_row(self, region: str, i: int) -> int:
        """Row of a region in state precision."""
        return self.at[region] + i * self.state.row

    def slot(self, k: int) -> int:
        """First row of what is known at the k-th instant of a step."""
        return self.at["slots"] + k * len(self.frontier) * self.stage.row

    def solver(self, key: tuple[int, int]) -> int:
        """One of `BlockPart.numbers` of a large block."""
        return self.at["solver"] + self._numbers[key] * self.stage.row

    def v(self, j: int, i: int) -> int:
        """Term j of the series of a state of the block; 0 is the state at the start."""
        return self.at["series"] + (j * len(self.structure.block) + i) * self.stage.row


def frontier_of(s: LaneStructure) -> list[int]:
    """Return what the rates need that is a function of time alone, and what is dear in it that drift needs too."""
    needed = [n for n in s.below(s.rates, Level.STATE) if s.graph.levels[n] == Level.INPUT]
    inside = set(s.walk(needed, Level.INPUT)) - set(needed)
    shared = (n for n in s.walk(s.drift.values(), Level.INPUT) if n in inside)
    return needed + sorted(n for n in shared if _COSTS.get(s.graph.nodes[n].op, 1) >= DEAR)


def derived_of(s: LaneStructure) -> list[int]:
    """Return what varying expressions need that does not vary; k stands for -k, too."""
    g = s.graph
    roots = [*s.rates, *s.jacobian.values(), *s.drift.values(), *s.outputs, *s.sides]
    found = set(s.below(roots, Level.INPUT)) | {*s.matrix.values(), *s.source.values()}
    found |= {n for n in s.jacobian.values() if not g.varies(n)}
    plain = {g.sign(n)[1] for n in found}
    return sorted(n for n in plain if g.value(n) is None)


def exponents_of(s: LaneStructure) -> list[int]:
    """Return exponents that do not vary, of powers that do; a group of lanes often shares them."""
    g = s.graph
    roots = [*s.rates, *s.jacobian.values(), *s.drift.values(), *s.outputs]
    powers = (g.nodes[n] for n in s.walk(roots, Level.INPUT) if g.nodes[n].op == "pow" and g.varies(n))
    return sorted({node.args[1] for node in powers if g.levels[node.args[1]] == Level.CONSTANT})
