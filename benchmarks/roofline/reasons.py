"""Why kernels stay below half of their ceiling, and what would be needed: tried, or read from the code.

"Tried" figures are ratios of times on the Xeon of docs/roofline.md, one thread, old and new in turn.
"""

from __future__ import annotations

# By the first words of a kernel's name; the first match counts.
REASONS: dict[str, str] = {
    "PIC, streaming": """Tables bind: one gather and one deposit a particle, both scalar. What is missing to their sum
is the rest of the pass (drift, wrap, fractions, sums), which does not overlap with them as the bound assumes. Tried:
512-bit vectors, 0.96 to 1.04 times, nothing. Needed: particles sorted by cell, so that a cell's deposits add up in
registers.""",
    "PIC, resident": """As the streaming march, and a convolution and a window of cells for every step of a case.""",
    "PIC in JAX": """XLA on a CPU makes a serial loop of each of the two scatters, and arrays in memory of every
intermediate. It is meant for a GPU; on a CPU the compiled loops are there. Needed: one custom kernel for a step.""",
    "random batches": """A group of 64 is dealt, gathered, centred and padded in NumPy for 2 016 pairs, and takes the
path of pairs within a tile, one row at a time; groups of 1 280 reach several times as much. Needed: the deal and the
gathering inside the compiled loop.""",
    "Maxwell moments": """The loops over components have a length known only at run time, so little is vectorised.
Tried: the dimension as a constant and 512-bit vectors, 2.1 times faster for d = 3. Needed: that, and particles stored
by components. Left alone for now, as records of the solvers that use it would be stale.""",
    "blob mesh": """Blobs of 13 cells are padded to 16, so a fifth of the work counts as nothing; rows of 13 numbers
are too short to pay for their loop; both tables are filled in a chain of products. In float32 parts of it run in
double precision (a whole number beside a float32 makes a float64), which costs more than it saves. Needed: typed
constants in float32, and the reach known to the compiler.""",
    "blob pairs": """The bins that touch a blob hold
more pairs than are near; and the density sums
slopes that it does not need. Tried: 512-bit vectors, 1.1 to 1.3 times. Needed: smaller bins, and a sum of its own for
the density.""",
    "kernel estimate, plane": """Rows within reach are some twenty to forty nodes long: an odd number of vectors with
a remainder done one by one, and two searches for each particle. It was 7.7 times slower before its loops were
vectorised. Needed: rows padded to whole vectors.""",
    "kernel estimate, space": """As on a plane; 2.3 times slower before.""",
    "kernel estimate, anywhere": """The exponential is taken of every pair, near or not, and counted of near ones
only; it was 8 to 140 times slower before, with a branch for each pair. Needed: bins, as the blobs have them.""",
    "sheets, events": """Each crossing waits for the last: it is found by walking down a tree of minima, and three
gaps are renewed before the tree is mended upwards. Half of a crossing is that walk, measured alone; the rest is the
chain of a root and a quotient of each of three gaps. Needed: several cases in the lanes of a vector.""",
    "sheets, leapfrog": """Sorting binds, which has no ceiling here: a sheet crosses others in half of its steps, and
each comparison that goes wrong stalls the processor for some twenty cycles. Needed: a sort without branches, on
several cases at once.""",
    "Landau grid operator": """Transforms of a zero-padded cube, axis by axis, with copies of every part between them,
and most of them across rows, which are slower than the rows that the ceiling is measured on. On small grids the calls
themselves weigh more. Needed: a plan that fuses the products with the transforms.""",
    "Vlasov grid step": """Transforms along q run across rows, which are slower than the rows that the ceiling is
measured on, and every transform writes a new array. Needed: transposed copies, or a plan in place.""",
    "score gradient": """Activations and sums over a tile's rows are done between the products and do not overlap with
them. Needed: products and activations of neighbouring tiles in turn.""",
    "score volume": """A quotient and a root for each pair, and terms of the Jacobian in separate passes over a tile.
Needed: one pass for each dimension, as the pair sums have it.""",
    "PDE-NHF inference, tabulated": """Products of a case's 256 coefficients with the tables come from XLA in batches
of all cases, between scatters and gathers that XLA runs serially and writes to memory. Needed: one compiled loop that
keeps a case in the cache.""",
    "PDE-NHF inference, exact": """tanh, the greatest part, is a rational function in XLA, with a division; and sums
over particles are passes of their own. Needed: a compiled loop, or the tabulated form, which is faster.""",
    "grazing collisions": """Random numbers bind: logarithms, cosines and roots are calls of the C library, one at a
time, and the permutation before them is a chain of swaps on one thread. Needed: the block's random numbers made
first, with vectorised functions, and a permutation that can be made in parts.""",
}


def reason(name: str) -> tuple[str, str] | None:
    """(the words that matched, the reason), or None."""
    found = next(((start, why) for start, why in REASONS.items() if name.startswith(start)), None)
    return found and (found[0], " ".join(found[1].split()))
