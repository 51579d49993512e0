import pytest
from hypothesis import given
from hypothesis import strategies as st

from kineticbench.ranking.intervals import Interval
from kineticbench.site import prose, text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.04075, "0.0408"),
        (1.0, "1.00"),
        (9.999, "10.0"),
        (0.000123, "1.23·10⁻⁴"),
        (123456.0, "1.23·10⁵"),
        (-2.5, "-2.50"),
        (float("inf"), "∞"),
        (float("nan"), "NaN"),
    ],
)
def test_numbers_have_three_digits(value, shown):
    assert text.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.0, "0"),
        (2.5e-7, "250 ns"),
        (4.2e-5, "42.0 µs"),
        (0.0123, "12.3 ms"),
        (5.0, "5.00 s"),
        (300.0, "5.00 min"),
        (7200.0, "2.00 h"),
        (1e308, "2.78·10³⁰⁴ h"),
    ],
)
def test_seconds_have_the_unit_that_fits(value, shown):
    assert text.seconds(value) == shown


@pytest.mark.parametrize(
    ("estimate", "half", "shown"),
    [
        (0.04075, 0.00061, "0.0408 ± 0.0006"),
        (0.0141, 0.00098, "0.0141 ± 0.0010"),
        (1.7196, 0.12, "1.72 ± 0.12"),
        (2.5, 0.0, "2.50"),
        (3e-6, 1e-7, "3.00·10⁻⁶ ± 1·10⁻⁷"),
    ],
)
def test_errors_show_the_digits_that_mean_something(estimate, half, shown):
    assert text.error(Interval(estimate, estimate - half, estimate + half)) == shown


def test_a_bias_has_no_interval():
    assert text.error(Interval(0.25, None, None)) == "0.250"
    assert text.error(None) == "–"


@given(st.text(max_size=400))
def test_plain_text_hides_nothing(raw):
    shown = text.plain(raw)
    assert all(character.isprintable() or character == " " or character.isspace() for character in shown)
    for hidden in ("\u202e", "\u2066", "\x1b", "\x00", "\n", "\r", "\u2028", "\u200b"):
        assert hidden not in shown
    assert len(shown) < 160 * 8 + 40


def test_long_text_is_cut_and_says_so():
    assert text.plain("x" * 10_000) == "x" * 160 + "… (10\u202f000 characters)"
    assert text.plain("a\u202eb\x1b[31m") == "a⟨202E⟩b⟨001B⟩[31m"


def test_docstrings_become_blocks():
    doc = """Landau damping.

        ∂f/∂t = 0

    Expect decay
    at a rate.

    Parameters
    ----------
    k
        Wave number.
    amplitude
        Size α
        of the wave.
    """.replace("\n    ", "\n")
    made = prose.blocks(doc)
    assert [block.kind for block in made] == ["equation", "paragraph", "heading", "definitions"]
    assert made[0].text == "∂f/∂t = 0"
    assert made[1].text == "Expect decay at a rate."
    assert made[3].items == [("k", "Wave number."), ("amplitude", "Size α of the wave.")]


def test_a_span_is_rough():
    values = (-1.0, float("nan"), 0.4, 45.2, 119.0, 240.0, 7000.0, 12_600.0)
    assert [text.span(value) for value in values] == [
        "0 s",
        "0 s",
        "0 s",
        "45 s",
        "119 s",
        "4 min",
        "117 min",
        "3.50 h",
    ]
