import numpy as np

from kineticbench.numerics.periodic import unwrap, wrap


def test_a_cloud_on_the_edge_of_the_box_becomes_one_piece():
    cloud = 128.0 + np.random.default_rng(0).normal(size=(4, 100)) * np.array([[1.0], [2], [5], [10]])
    opened = unwrap(np.mod(cloud, 128.0), 128.0)
    assert np.ptp(opened, axis=1).max() < 64
    shift = opened - cloud
    np.testing.assert_allclose(shift, np.round(shift / 128) * 128, atol=1e-12)
    assert (np.ptp(np.round(shift), axis=1) == 0).all()


def test_a_cloud_inside_stays_as_it_is():
    cloud = 64 + np.random.default_rng(1).normal(size=(3, 50))
    np.testing.assert_array_equal(unwrap(cloud, 128.0), cloud)


def test_wrapping_never_gives_the_length_itself():
    x = np.array([[-1e-9, 128.0, 300.0, -5.0, 0.0]], np.float32)
    wrapped = wrap(x, 128.0)
    assert wrapped.dtype == np.float32
    assert (wrapped >= 0).all()
    assert (wrapped < 128).all()
    np.testing.assert_allclose(wrapped, [[0, 0, 44, 123, 0]])
