"""MMA with several constraints: known optima, and its subproblem against other solvers."""

import numpy as np
import pytest
from scipy.optimize import minimize as scipy_minimize

from metafast.macro import MMA
from metafast.macro.dual import PRICE, Subproblem, solve_subproblem
from metafast.macro.mma import _approximation


def minimise(function, x, low, high, steps=200, **options):
    """Run MMA; function(x) -> f0, df0, (m,) values, (m, n) slopes."""
    mma = MMA(np.broadcast_to(low, x.shape), np.broadcast_to(high, x.shape), **options)
    for _ in range(steps):
        _, df0, values, slopes = function(x)
        moved = mma.step(x, df0, values, slopes)
        if np.abs(moved - x).max() < 1e-10:
            break
        x = moved
    return x


def random_subproblem(rng, variables, constraints, *, met=True):
    """Approximations of random slopes over many scales; unmet constraints have no solution."""
    x, gap = rng.uniform(0.2, 0.8, variables), rng.uniform(0.05, 0.5, variables)
    lower, upper = x - gap, x + gap
    alpha, beta = np.maximum(0.0, x - 0.5 * gap), np.minimum(1.0, x + 0.5 * gap)
    scale = 10.0 ** rng.uniform(-1.0, 1.0, (constraints + 1, 1))
    slopes = scale * rng.normal(size=(constraints + 1, variables))
    p, q = _approximation(slopes, gap, np.ones(variables))
    reach = np.abs(slopes[1:]) @ gap
    values = (rng.uniform(-0.3, 0.1, constraints) if met else 1.0) * reach
    rest = values - ((p + q) / gap)[1:].sum(axis=1)
    return Subproblem(lower, upper, alpha, beta, p[0], q[0], p[1:], q[1:], rest)


def penalised(subproblem, x, price):
    """Objective with the least elastic variables."""
    y = np.maximum(0.0, subproblem.constraints(x))
    return subproblem.objective(x) + price * y.sum() + 0.5 * y @ y


def truss(x):
    """Svanberg (1987), section 6: weight of two bars under two stress bounds."""
    root = np.sqrt(1.0 + x[1] ** 2)
    weight, by_weight = x[0] * root, np.array([root, x[0] * x[1] / root])
    values, slopes = [], []
    for sign in (1.0, -1.0):
        sum_ = 8.0 / x[0] + sign / (x[0] * x[1])
        values.append(0.124 * root * sum_ - 1.0)
        by_0, by_1 = -sum_ / x[0], -sign / (x[0] * x[1] ** 2)
        slopes.append(0.124 * np.array([root * by_0, root * by_1 + x[1] / root * sum_]))
    return weight, by_weight, np.array(values), np.array(slopes)


LOW, HIGH = np.array([0.2, 0.1]), np.array([4.0, 1.6])


def test_svanbergs_two_bar_truss():
    """The optimum is 1.51 at (1.41, 0.38), with one of both stresses at its bound."""
    x = minimise(truss, np.array([1.5, 0.5]), LOW, HIGH, move=0.2)
    np.testing.assert_allclose(x, [1.41, 0.38], atol=5e-3)
    weight, _, values, _ = truss(x)
    assert weight == pytest.approx(1.51, abs=5e-3)
    assert abs(values[0]) < 1e-6
    assert values[1] < 0.0


@pytest.mark.parametrize("copies", [2, 3])
def test_constraints_given_twice_change_nothing(copies):
    """The multipliers of equal constraints are not unique; the cantilever's optimum is."""
    weights = np.array([61.0, 37.0, 19.0, 7.0, 1.0])

    def function(x):
        value, slope = (weights / x**3).sum() - 1.0, -3 * weights / x**4
        return 0.0, np.full(5, 0.0624), np.full(copies, value), np.tile(slope, (copies, 1))

    x = minimise(function, np.full(5, 5.0), 1.0, 10.0, move=0.5)
    np.testing.assert_allclose(x, [6.016, 5.309, 4.494, 3.502, 2.153], atol=2e-3)


def test_nearest_point_of_a_corner_against_its_closed_form():
    """Projection onto two half-spaces whose corner is nearest: both are active."""
    rng = np.random.default_rng(0)
    centre, normals = rng.uniform(0.3, 0.7, 40), rng.uniform(0.3, 0.7, (2, 40))
    normals[0, :15] = normals[1, -15:] = 0.0
    bounds = normals @ centre * [0.8, 0.83]
    shift = np.linalg.solve(normals @ normals.T, normals @ centre - bounds)
    assert (shift > 0).all()  # multipliers: the corner is the nearest point

    def function(x):
        return 0.0, 2.0 * (x - centre), normals @ x - bounds, normals

    x = minimise(function, np.full(40, 0.5), 0.0, 1.0)
    np.testing.assert_allclose(x, centre - normals.T @ shift, atol=1e-4)


def test_one_constraint_is_solved_alike_by_both_ways():
    rng = np.random.default_rng(1)
    x, gradient, slope = rng.uniform(0.3, 0.7, 30), *rng.normal(size=(2, 30))
    one, several = (MMA(np.zeros(30), np.ones(30)) for _ in range(2))
    for value in (-0.1, 0.05):
        alone = one.step(x, gradient, value, slope)
        among = several.step(x, gradient, np.array([value, -9.0]), np.array([slope, 0.0 * slope]))
        np.testing.assert_allclose(among, alone, atol=1e-8)


@pytest.mark.parametrize("price", [1e3, PRICE])
@pytest.mark.parametrize("met", [True, False])
def test_no_other_point_is_better(met, price):
    """Nearby points are enough, since the subproblem is convex."""
    rng = np.random.default_rng(2)
    for _ in range(50):
        variables, constraints = rng.integers(2, 60), rng.integers(1, 6)
        problem = random_subproblem(rng, variables, constraints, met=met)
        x, _ = solve_subproblem(problem, price)
        value, size = penalised(problem, x, price), np.abs(problem.rest).max()
        y = problem.constraints(x)
        assert (x >= problem.alpha).all()
        assert (x <= problem.beta).all()
        if met and (y < 1e-9 * size).all():
            value = problem.objective(x)
        for _ in range(20):
            other = x + rng.normal(0.0, 10.0 ** rng.uniform(-6, -1), variables)
            other = np.clip(other, problem.alpha, problem.beta)
            assert penalised(problem, other, price) > value - 1e-9 * abs(value)


def test_any_multipliers_will_do_to_start_from():
    rng = np.random.default_rng(5)
    for _ in range(20):
        problem = random_subproblem(rng, 30, 3)
        x, multipliers = solve_subproblem(problem)
        violation = problem.constraints(x)
        assert (np.minimum(multipliers, -violation) < 1e-8).all()  # complementary
        start = 10.0 ** rng.uniform(-6, 7, 3)
        np.testing.assert_allclose(solve_subproblem(problem, start=start)[0], x, atol=1e-7)


def test_subproblem_against_slsqp():
    rng = np.random.default_rng(3)
    for _ in range(8):
        problem = random_subproblem(rng, 6, 2)
        x, _ = solve_subproblem(problem)
        assert problem.constraints(x).max() < 1e-9
        found = scipy_minimize(
            problem.objective,
            0.5 * (problem.alpha + problem.beta),
            bounds=list(zip(problem.alpha, problem.beta, strict=True)),
            constraints={"type": "ineq", "fun": lambda z, p=problem: -p.constraints(z)},
            method="SLSQP",
            options={"ftol": 1e-12, "maxiter": 300},
        )
        assert problem.objective(x) == pytest.approx(found.fun, rel=1e-6)


@pytest.fixture
def pymoto(monkeypatch):
    """The package, which asks for a window as it is imported: refused if pyplot came first."""
    import matplotlib

    monkeypatch.setattr(matplotlib, "use", lambda *_, **__: None)
    return pytest.importorskip("pymoto", reason="pymoto is not installed: pip install pymoto")


def test_subproblem_against_pymoto(pymoto):
    """The interior-point solver of pyMOTO (MIT), which shares no code with this one."""
    rng = np.random.default_rng(4)
    for k in range(12):
        constraints = 1 + k % 4
        s = random_subproblem(rng, 30, constraints, met=k % 3 > 0)
        price, ones = 1e3, np.ones(constraints)
        p, q = np.vstack([s.p0, s.p]), np.vstack([s.q0, s.q])
        arguments = s.lower, s.upper, s.alpha, s.beta, p, q, 1.0, 0.0 * ones, -s.rest
        theirs = pymoto.MMA.subsolv(1e-9, *arguments, price * ones, ones)[0]
        ours, _ = solve_subproblem(s, price)
        value = penalised(s, theirs, price)
        assert penalised(s, ours, price) == pytest.approx(value, rel=1e-6)
        assert penalised(s, ours, price) <= value * (1 + 1e-7)
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_iterates_against_pymoto(pymoto):
    """Asymptotes, move limits and approximations are the same, from an infeasible start on."""
    x = np.array([0.5, 1.4])
    responses = [pymoto.Signal(name, 0.0) for name in ("weight", "tension", "compression")]
    theirs = pymoto.MMA(
        [pymoto.Signal("x", x)],
        responses,
        pymoto.Network(),
        move=0.2,
        xmin=LOW,
        xmax=HIGH,
        verbosity=0,
        cCoef=PRICE,
    )
    ours = MMA(LOW, HIGH, move=0.2, smallest_gap=0.01)
    for _ in range(20):
        weight, by_weight, values, slopes = truss(x)
        moved = theirs.step(x, np.array([weight, *values]), np.array([by_weight, *slopes]))[0]
        np.testing.assert_allclose(ours.step(x, by_weight, values, slopes), moved, atol=1e-6)
        x = moved
    assert truss(x)[0] == pytest.approx(1.5087, abs=1e-3)
