"""Generative model: reconstruction, regressor, random cells, diversity of candidates, search.

Run: python benchmarks/bench_generative.py [--model vae.h5] [--database cells.h5] [--metaset M.npz]
The cells are those that training held out if `--database` is the one it had, else all of the given
one; without it a database is grown as `metafast database build` does, from a seed that no training
saw. `--metaset` holds published cells (n, 50, 7), bits packed along the last axis. Candidates and
search use the full database where `metafast database build` has left one, else the embedded one.
bench_arrows.py has the arrows.
"""

import argparse
import time

import numpy as np
from record import Figure, record

import metafast as mf
from metafast.generative.data import fingerprint, held_out
from metafast.generative.latent import SimilarCells
from metafast.homogenization import properties_of
from metafast.selection import pixel_components

NAMES = ("C11", "C12", "C22", "C33")
UNSEEN_SEED = 99


def unseen(vae, path):
    """Cells (n, 50, 50) and properties that training did not have, and what they are."""
    if path is None:
        database = mf.build_database(seed=UNSEEN_SEED)
        rows, name = np.arange(len(database)), f"a database grown with seed {UNSEEN_SEED}"
    else:
        database = mf.CellDatabase.load(path)
        rows, name = np.arange(len(database)), "another database"
        if database.provenance.get("made_by") == "metafast.build_database":
            name = f"a database grown with seed {database.provenance['seed']}"
        if fingerprint(database) == vae.provenance["fingerprint"]:
            config = vae.provenance["config"]
            apart = held_out(database.parents, config["held_out"], config["seed"])
            rows, name = np.flatnonzero(apart), "held-out lineages"
    rows = rows[:: max(1, len(rows) // 20_000)]
    return database.take(rows), database.properties[rows], name


def likeness(vae, path, count=300, among=250_000):
    """Pixels by which held-out cells and their shifts differ from the nearest training cell."""
    database, config = mf.CellDatabase.load(path), vae.provenance["config"]
    if fingerprint(database) != vae.provenance["fingerprint"] or not database.symmetric:
        return
    apart = held_out(database.parents, config["held_out"], config["seed"])
    rng = np.random.default_rng(0)

    def signs(pool, n):
        rows = np.sort(rng.choice(np.flatnonzero(pool), min(n, pool.sum()), replace=False))
        h, w = (side // 2 for side in database.shape[1:])
        return 2.0 * database.take(rows)[:, :h, :w].astype(np.float32) - 1.0

    ours, theirs = signs(apart, count), signs(~apart, among)
    size = ours[0].size
    theirs = theirs.reshape(-1, size)
    print(f"\npixels of {size} to the nearest training cell, median")
    for name, axes in (("as it is", ()), ("down", (1,)), ("across", (2,)), ("both", (1, 2))):
        moved = np.flip(ours, axes).reshape(-1, size)
        alike = np.max([(moved @ t.T).max(axis=1) for t in np.array_split(theirs, 20)], axis=0)
        print(f"  shifted {name:9} {np.median(size - alike) / 2:.0f}")


def scores(name, vae, cells, properties, goal=None):
    shares = {}
    print(f"\n{name}: {len(cells)} cells")
    for steps in (0, 1, 3, 10):
        part = cells if steps == 0 else cells[:: max(1, len(cells) // 2000)]
        begun = time.perf_counter()
        z = vae.encode(part, steps)
        spent = (time.perf_counter() - begun) / len(part)
        wrong = ((vae.decode(z) > 0.5) != (part > 0)).mean(axis=(1, 2))
        shares[steps] = wrong.mean()
        print(f"  wrong pixels, {steps:2d} steps of encoding: {wrong.mean():.2%} "
              f"(worst cell {wrong.max():.1%}), {1e6 * spent:.0f} us a cell")  # fmt: skip
    left = ((vae.predict(vae.encode(cells)) - properties) ** 2).sum(axis=0)
    spread = ((properties - properties.mean(axis=0)) ** 2).sum(axis=0)
    said = ", ".join(f"{n} {1 - a / b:.4f}" for n, a, b in zip(NAMES, left, spread, strict=True))
    print(f"  R2 of the regressor: {said}")
    assert shares[3] < shares[0], "three steps leave more pixels wrong than none"
    peer = ("after three steps of Levenberg-Marquardt", shares[3])
    return {
        f"wrong pixels, {name}": Figure(shares[0], "", ".2%", *peer, at_most=goal),
        f"smallest R² of the regressor, {name}": Figure(
            (1 - left / spread).min(), "", ".4f", at_least=0.99
        ),
    }


def random_decodes(vae, count):
    print(f"\n{count} random points of the latent space, moved to cells in so many rounds")
    print("rounds   clear   whole at 0.9   at 0.9 to 0.5   joined   clear and whole   pixels apart")
    for rounds in range(4):  # the last is what `sample` does by default
        made = mf.latent.sample(vae, count, rounds=rounds)
        by_itself = made.connected & ~made.joined
        first, both = by_itself & (made.threshold == 0.9), made.clear & made.connected
        apart = (made.cells[1:] != made.cells[:-1]).mean()
        print(f"{rounds:6d} {made.clear.mean():7.1%} {first.mean():14.1%} {by_itself.mean():15.1%} "
              f"{made.joined.mean():8.1%} {both.mean():17.1%} {apart:14.1%}")  # fmt: skip
    papers = mf.latent.sample(vae, count, rounds=0, join=False)
    at_once = papers.connected & (papers.threshold == 0.9)
    shares = [papers.clear, papers.connected, papers.clear & papers.connected, at_once]
    shares = [float(share.mean()) for share in shares]
    print(
        "  the paper's procedure, no joining: clear {:.1%}, whole {:.1%}, both {:.1%}".format(
            *shares
        )
    )
    made = mf.latent.sample(vae, count, rounds=0)
    chance = vae.decode(made.z)
    grey = ((chance > 0.1) & (chance < 0.9)).mean(axis=(1, 2))
    print(f"  of the points as drawn: grey pixels {grey.mean():.1%} on average; cells with at most "
          f"a tenth grey {(grey < 0.1).mean():.1%}")  # fmt: skip
    exact = np.abs(vae.predict(made.z) - made.properties)[made.connected & ~made.joined]
    print(f"  regressor against homogenization of what was decoded, median: {np.median(exact):.4f}")
    return {
        "random points as in the paper, not moved nor joined: clear": Figure(
            shares[0], "", ".1%", "the paper, by eye", 0.9
        ),
        "the same: in one piece; both": Figure(
            f"{shares[1]:.1%}; {shares[2]:.1%}", peer=f"in one piece at 0.9: {shares[3]:.1%}"
        ),
        "random cells by latent.sample: clear and in one piece": Figure(
            both.mean(), "", ".1%", "as in the paper, here", shares[2], at_least=0.95
        ),
        "regressor against homogenization of decoded cells, median": Figure(
            np.median(exact), "", ".4f"
        ),
    }


def diversity(database, sets, targets):
    """Mean pairwise share of different pixels among ten candidates of a target."""
    print(
        "\nten candidates each of 1,000 targets: mean pairwise pixel distance, distance to target"
    )
    unit, means = database.coordinates("log"), []
    for name, latents, pool in sets:
        begun = time.perf_counter()
        rows = mf.select_candidates(database, latents, targets, 10, pool=pool)
        spent = time.perf_counter() - begun
        pixels = database.take(rows.ravel()).reshape(*rows.shape, -1).astype(np.float32)
        ones = pixels.sum(axis=2)
        apart = ones[:, :, None] + ones[:, None] - 2 * pixels @ pixels.transpose(0, 2, 1)
        mean = apart.sum(axis=(1, 2)) / (10 * 9 * pixels.shape[2])
        off = np.abs(
            unit.to_unit(database.properties[rows.ravel()]).reshape(len(rows), 10, 4)
            - unit.to_unit(targets)[:, None]
        ).max(axis=2)
        print(f"  {name:38} {mean.mean():.4f} {off.mean():.4f}   {spent:.2f} s")
        means.append(mean.mean())
    assert max(means[1:]) > means[0], "clusters are no more diverse than the nearest cells"
    peer = ("by pixel components", means[1])
    return {"pixel distance within ten candidates, by latents": Figure(means[2], "", ".4f", *peer)}


def search(z, count=1000):
    tree_begun = time.perf_counter()
    similar = SimilarCells(z)
    built = time.perf_counter() - tree_begun
    query = z[:: max(1, len(z) // count)][:count] + 0.01
    begun = time.perf_counter()
    for point in query[:200]:
        similar.nearest(point, 10)
    one = (time.perf_counter() - begun) / 200
    begun = time.perf_counter()
    similar.nearest(query, 10)
    many = (time.perf_counter() - begun) / len(query)
    print(f"\nten nearest of {len(z)} cells in latent space: {1e3 * one:.2f} ms a point, "
          f"{1e3 * many:.3f} ms in a batch; the tree took {built:.2f} s")  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--database")
    parser.add_argument("--metaset")
    given = parser.parse_args()
    vae = mf.CellVAE.load(given.model) if given.model else mf.CellVAE.default()
    print(vae)
    cells, properties, name = unseen(vae, given.database)
    figures = scores(name, vae, cells, properties)
    if given.database:
        likeness(vae, given.database)
    if given.metaset:
        published = np.unpackbits(np.load(given.metaset)["cells"], axis=2, count=50)
        own = mf.homogenize(published, vae.phases)
        figures |= scores("published cells", vae, published, properties_of(own), goal=0.02)
    figures |= random_decodes(vae, 1000)

    try:
        database = mf.CellDatabase.full()
    except ValueError:
        database = mf.CellDatabase.default()
    begun = time.perf_counter()
    z = vae.encode(database.cells)
    print(f"\n{len(database)} cells of the database encoded in {time.perf_counter() - begun:.1f} s")
    rng = np.random.default_rng(0)
    targets = database.properties[rng.choice(len(database), 1000, replace=False)]
    components = pixel_components(database)
    figures |= diversity(
        database,
        (
            ("the ten nearest, no clustering", components, 10),
            ("clustered by pixel components", components, 60),
            ("clustered by latents", vae, 60),
        ),
        targets,
    )
    search(z)
    record(
        "generative",
        figures,
        packages=("numpy", "torch", "numba"),
        note="Cells of an unseen seed are grown by the benchmark. Clear: measure of "
        "non-discreteness at most 0.175.",
    )


if __name__ == "__main__":
    main()
