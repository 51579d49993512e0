from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau, InvalidInput
from kineticbench.numerics.blob_start import Bandwidth, Cube, cube_of, lattice, stability
from kineticbench.numerics.velocity_start import cell_centres


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cell_centres_get_their_mesh_back_in_any_order(d, dtype):
    v = (cell_centres(4.0, 6, d) + 0.25)[np.random.default_rng(0).permutation(6**d)].astype(dtype)
    found = lattice(v)
    assert found is not None
    assert found.cells == 6
    assert found.half_width == pytest.approx(4.0, rel=1e-6)
    np.testing.assert_allclose(found.centre, 0.25, rtol=1e-5)


def test_what_is_no_lattice_has_no_mesh():
    rng = np.random.default_rng(0)
    centres = cell_centres(4.0, 6, 2)
    twice = centres.copy()
    twice[3] = twice[4]
    stretched = centres * [1.0, 2.0]
    jittered = centres + rng.uniform(-0.1, 0.1, centres.shape)
    for v in (rng.normal(size=(36, 2)), rng.normal(size=(35, 2)), twice, stretched, jittered, np.ones((36, 2))):
        assert lattice(v) is None
    assert lattice(np.zeros((1, 2))) is None


def test_other_particles_get_a_cube_that_holds_them():
    rng = np.random.default_rng(0)
    v, w = rng.normal(1.0, 2.0, (4000, 2)), np.full(4000, 1 / 4000)
    cube = cube_of(v, w)
    assert (np.abs(v - cube.centre) <= cube.half_width).all()
    normal = v.var() * (4 / (6 * 4000)) ** (1 / 4)
    assert Bandwidth().variance(cube.width) == pytest.approx(normal, rel=0.1)
    assert cube_of(v, w, cells=17).cells == 17
    assert cube_of(v, w, cells=17, half_width=3.0) == Cube((0.0, 0.0), 3.0, 17)


def test_given_cells_and_half_width_apply_to_lattices_too():
    v = cell_centres(4.0, 10, 2)
    w = np.full(100, 0.01)
    assert cube_of(v, w, half_width=4.0).cells == 10
    assert cube_of(v, w, cells=20).half_width == pytest.approx(4.0)
    assert cube_of(v, w, cells=20).cells == 20
    assert cube_of(v, w, cells=8, half_width=6.0) == Cube((0.0, 0.0), 6.0, 8)


def test_equal_particles_need_a_mesh():
    v, w = np.ones((5, 2)), np.full(5, 0.2)
    with pytest.raises(InvalidInput, match="half_width and cells"):
        cube_of(v, w)
    with pytest.raises(InvalidInput, match="half_width and cells"):
        cube_of(v, w, half_width=2.0)
    assert cube_of(v, w, cells=10, half_width=2.0).width == pytest.approx(0.4)


def test_stability_is_the_closed_form_for_maxwell_molecules():
    v = cell_centres(5.0, 40, 2)
    w = np.exp(-(v**2).sum(1) / 2)
    w /= w.sum()
    found = stability(v, w, HomogeneousLandau(2, 0.0, 1 / 16), Cube((0.0, 0.0), 5.0, 40), 0.01)
    assert found == pytest.approx(0.01 / 16 * (2 * 25 + 1) / 0.25**2, rel=1e-3)


def test_stability_of_coulomb_collisions_is_finite_though_particles_coincide():
    v, w = np.zeros((4, 3)), np.full(4, 0.25)
    v[0, 0] = 1.0
    assert np.isfinite(stability(v, w, HomogeneousLandau(3, -3.0, 1.0), Cube((0.0,) * 3, 2.0, 4), 0.1))


@pytest.mark.parametrize("numbers", [(0.0, 2.0), (1.0, -1.0), (np.nan, 2.0)])
def test_bandwidths_that_are_not_positive_are_refused(numbers):
    with pytest.raises(InvalidInput):
        Bandwidth(*numbers)
