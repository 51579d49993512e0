import numpy as np
import pytest

from kineticbench.contracts import Diverged, InvalidInput
from kineticbench.numerics import training
from kineticbench.numerics.training import Plan, batch, train


class Descent:
    """Gradient descent with momentum on ½|x|² from a batch-dependent target: later updates depend on all earlier."""

    def __init__(self):
        self.x, self.v = np.array([3.0, -2.0]), np.zeros(2)

    def update(self, step, rate):
        cases = batch(10, 4, 0, step)
        gradient = self.x - 0.1 * cases[:2]
        self.v = 0.5 * self.v + gradient
        loss = float(gradient @ gradient)
        self.x = self.x - rate * self.v
        return loss

    def state(self):
        return {"x": self.x, "v": self.v}

    def load(self, state):
        self.x, self.v = state["x"], state["v"]


class Memory:
    """A `Progress` that keeps everything and can pull the plug."""

    def __init__(self, kept=None, stop_at=None):
        self.kept, self.stop_at, self.reports = kept, stop_at, []

    def report(self, done, total, **figures):
        self.reports.append((done, total, figures))

    def save(self, state):
        self.kept = {name: np.array(value) for name, value in state.items()}
        if self.stop_at is not None and int(state["loop/step"]) >= self.stop_at:
            raise KeyboardInterrupt

    def resume(self):
        return self.kept


def test_a_killed_training_goes_on_to_the_same_bits(monkeypatch):
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", -1.0)
    plan = Plan(700, 0.2)
    whole = Descent()
    curve = train(whole, plan)
    memory = Memory(stop_at=333)
    with pytest.raises(KeyboardInterrupt):
        train(Descent(), plan, memory)
    resumed = Descent()
    again = train(resumed, plan, Memory(memory.kept))
    np.testing.assert_array_equal(resumed.x, whole.x)
    np.testing.assert_array_equal(again, curve)
    assert curve[0, -1] == 700
    assert curve[1, -1] < curve[1, 0]


def test_every_epoch_uses_every_case_once_in_another_order():
    epochs = [np.concatenate([batch(12, 4, 7, 3 * e + i) for i in range(3)]) for e in range(3)]
    assert all(sorted(order) == list(range(12)) for order in epochs)
    assert not np.array_equal(epochs[0], epochs[1])
    assert len(batch(3, 128, 0, 5)) == 3


def test_the_rate_rises_to_its_peak_and_falls_to_its_end():
    plan = Plan(1000, 2.0, warm_up=0.1, final=0.01)
    rates = [plan.rate_at(x) for x in np.linspace(0, 1, 1001)]
    assert 0 < rates[0] < 0.03
    assert max(rates) == pytest.approx(2.0)
    assert int(np.argmax(rates)) == 100
    assert rates[-1] == pytest.approx(0.02)
    assert (np.diff(rates[100:]) <= 0).all()
    assert (np.diff(rates[:101]) >= 0).all()


def test_a_time_limit_ends_the_training_and_the_schedule_with_it():
    class Slow(Descent):
        rates: list[float] = []

        def update(self, step, rate):
            import time

            time.sleep(0.002)
            self.rates.append(rate)
            return super().update(step, rate)

    slow = Slow()
    curve = train(slow, Plan(10**6, 0.1, seconds=0.2))
    assert 10 < curve[0, -1] < 200
    assert slow.rates[-1] < 0.02


def test_a_loss_that_is_not_finite_says_what_to_do():
    class Broken(Descent):
        def update(self, step, rate):
            return float("nan") if step == 5 else 1.0

    with pytest.raises(Diverged, match=r"after 5 updates.*smaller learning rate"):
        train(Broken(), Plan(10, 0.5))


@pytest.mark.parametrize(("updates", "rate"), [(0, 1.0), (10, 0.0), (10, float("nan"))])
def test_a_plan_without_length_or_rate_is_refused(updates, rate):
    with pytest.raises(InvalidInput):
        Plan(updates, rate)
