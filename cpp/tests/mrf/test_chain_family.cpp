#include <gtest/gtest.h>

#include "mrf/dual/certificate.hpp"
#include "mrf/dual/chain_family.hpp"
#include "mrf/model/cost_range.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

// Moves lambda a few steps and compares float32 chains with the float64 certificate.
void expect_same_chains(int rows, int cols, int labels, unsigned seed) {
    const RandomGrid random(rows, cols, labels, Kind::uniform, seed);
    metafast::ThreadPool pool(2);
    const LabelSets sets(random.grid);
    const Field field{random.grid, sets};
    ChainFamily row_chains(Lines{field, false}, 1.0, pool);
    ChainFamily col_chains(Lines{field, true}, 1.0, pool);
    Positions x(random.grid.nodes()), y(x), next_x(x), next_y(x);
    double value = 0.0;
    for (int step = 0; step < 6; ++step) {
        const Step move{step == 0 ? 0.0f : 0.05f, 0.5f};
        value = 0.0;
        for (int g = 0; g < row_chains.groups(); ++g) {
            value += row_chains.advance(g, 0, move, x.data(), y.data(), next_x.data());
        }
        for (int g = 0; g < col_chains.groups(); ++g) {
            value += col_chains.advance(g, 1, move, x.data(), y.data(), next_y.data());
        }
        x.swap(next_x);
        y.swap(next_y);
    }
    std::vector<float> from_rows(random.unary.size()), from_cols(from_rows);
    for (int g = 0; g < row_chains.groups(); ++g) row_chains.save(g, from_rows.data());
    for (int g = 0; g < col_chains.groups(); ++g) col_chains.save(g, from_cols.data());
    EXPECT_EQ(from_rows, from_cols);  // to the last bit

    // The working copy counts from the least entry of every table.
    const std::vector<double> lambda(from_rows.begin(), from_rows.end());
    const double bound = certify_chains(field, lambda, pool, {}).bound.value();
    EXPECT_NEAR(measure(field).base.value() + value, bound, 1e-4);
    // The chains found cost what the bound says: node costs shared, edges whole.
    double cost = 0.0;
    std::vector<double> scratch(random.grid.pairs());
    for (const bool columns : {false, true}) {
        const Lines lines{field, columns};
        const Positions& chosen = columns ? y : x;
        for (int line = 0; line < lines.count(); ++line) {
            for (int pos = 0; pos < lines.length(); ++pos) {
                const std::size_t node = lines.node(line, pos);
                const Position k = chosen[node];
                cost += 0.5 * lines.unary(line, pos, scratch.data())[index(k)] +
                        (columns ? -1.0 : 1.0) * lambda[node * labels + index(k)];
                if (pos + 1 == lines.length()) continue;
                cost += lines.along_at(line, pos, k, chosen[lines.node(line, pos + 1)]);
            }
        }
    }
    EXPECT_NEAR(cost, bound, 1e-4);
}

}  // namespace

TEST(ChainFamily, AgreesWithFloat64) {
    unsigned seed = 0;
    for (const int labels : {1, 2, 5, 10, 13}) {
        expect_same_chains(3, 4, labels, ++seed);
        expect_same_chains(16, 17, labels, ++seed);
        expect_same_chains(33, 5, labels, ++seed);
    }
}

TEST(ChainFamily, RestoreTakesMultipliersAndStopsMomentum) {
    const RandomGrid random(5, 6, 3, Kind::uniform, 7);
    metafast::ThreadPool pool(1);
    const LabelSets sets(random.grid);
    ChainFamily chains(Lines{Field{random.grid, sets}, true}, 1.0, pool);
    std::vector<float> in(random.unary.size()), out(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = 0.01f * static_cast<float>(i);
    const Positions x(random.grid.nodes());
    Positions next(x);
    chains.restore(0, in.data());
    chains.advance(0, 0, Step{}, x.data(), x.data(), next.data());
    chains.save(0, out.data());
    EXPECT_EQ(in, out);
}
