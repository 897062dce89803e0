"""Tables of text: aligned, never wider than the screen, and nothing of a cell is lost."""

import pytest

from ldnsim.cli.layout import cell_width, lines_of, wrapped

HEAD = ["parameter", "value", "unit", "meaning"]
ROWS = [
    ["ka", "1.24", "1/h", "absorption from the gut, which is said to be fast"],
    ["a_name_that_is_longer_than_most", "-0.00123", "(mg/L)/(nmol*h)", "Johnson2010;Licko1981;SwissLabel"],
    ["", "-", "", ""],
]


def letters(text):
    return sorted("".join(text.split()))


@pytest.mark.parametrize("width", [20, 30, 45, 60, 80, 100])
def test_nothing_is_lost_and_nothing_sticks_out(width):
    lines = list(lines_of(HEAD, ROWS, width, right=(1,)))
    assert max(map(cell_width, lines)) <= max(width, 31)
    if lines[0].split() == HEAD:
        assert letters("".join(lines[1:])) == letters("".join("".join(row) for row in ROWS))
    else:  # in blocks the heads are repeated wherever a cell holds something
        heads = [h for row in ROWS for h, cell in zip(HEAD[1:], row[1:], strict=True) if cell]
        assert letters("".join(lines)) == letters("".join(heads) + "".join("".join(row) for row in ROWS))


def test_columns_stand_below_each_other():
    head, first, *_ = lines_of(HEAD, ROWS[:1], 100, right=(1,))
    assert head.index("unit") == first.index("1/h")
    assert head.index("value") + len("value") == first.index("1.24") + len("1.24")


def test_heads_stay_in_one_line_where_there_is_room():
    assert list(lines_of(["hours", "95 %"], [["wait", "1"]], 40, right=(1,))) == [
        "hours  95 %",
        "wait      1",
    ]


def test_without_room_each_row_is_a_block():
    lines = list(lines_of(HEAD, ROWS[:1], 30, right=(1,)))
    assert lines[:3] == ["ka", "  value    1.24", "  unit     1/h"]
    assert max(map(len, lines)) <= 30


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("pk_meyer_t12", 9, ["pk_meyer_", "t12"]),
        ("a;b;c", 4, ["a;b;", "c"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("", 5, [""]),
        ("日本語", 4, ["日本", "語"]),
    ],
)
def test_where_a_cell_is_broken(text, width, lines):
    assert wrapped(text, width) == lines


def test_wide_letters_count_twice():
    assert (cell_width("é"), cell_width("日本"), cell_width("e\u0301")) == (1, 4, 1)
