#include <gtest/gtest.h>

#include "mrf/dual/message_ascent.hpp"
#include "tests/mrf/plain_trws.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

void expect_twin(const Grid& grid, int passes = 6) {
    const LabelSets sets(grid);
    const Field field{grid, sets};
    metafast::ThreadPool pool(1);
    MessageAscent ascent(field, measure(field), pool);
    PlainTrws twin(grid);
    for (int pass = 0; pass < passes; ++pass) {
        if (pass > 0) ascent.iterate(kInfinity);
        const double bound = twin.pass();
        EXPECT_NEAR(ascent.best(), bound, 1e-5 * std::max(std::fabs(bound), 1.0));
        EXPECT_EQ(ascent.labelling(false), twin.labelling()) << "pass " << pass;
    }
}

// With no ties, which float32 and float64 would break each in its own way.
void make_distinct(std::vector<double>& unary) {
    const auto shift = normal_numbers(unary.size(), 0.3, 9);
    for (std::size_t i = 0; i < unary.size(); ++i) unary[i] += shift[i];
}

}  // namespace

TEST(MessageAscent, DoesWhatItsPlainTwinDoes) {
    for (const auto& [rows, cols] : {std::pair{5, 7}, {7, 5}, {18, 40}, {33, 20}, {2, 2}, {1, 9}}) {
        const RandomGrid random(rows, cols, 5, Kind::uniform, 1);
        expect_twin(random.grid);
        const RandomGrid negative(rows, cols, 3, Kind::negative, 2);
        expect_twin(negative.grid);
    }
}

TEST(MessageAscent, LinearAndSharedTablesGiveWhatTheirEntriesGive) {
    for (const double limit : {1.0, 2.0, 100.0}) {  // Potts, truncated, not truncated
        SmoothGrid smooth(18, 21, 6, 3, 1.0, limit);
        make_distinct(smooth.unary);
        for (std::size_t edge = 0; edge < smooth.horizontal.size() / 36; ++edge) {
            for (std::size_t i = 0; i < 36; ++i) {
                smooth.horizontal[36 * edge + i] *= 0.2 + 0.1 * static_cast<double>(edge % 7);
            }
        }
        expect_twin(smooth.grid);
    }
    RandomGrid random(17, 19, 7, Kind::uniform, 4);
    Grid grid = random.grid;
    grid.horizontal.row_stride = grid.horizontal.col_stride = 0;
    expect_twin(grid);
    grid.vertical.row_stride = grid.vertical.col_stride = 0;
    expect_twin(grid);
}

TEST(MessageAscent, BoundNeverFallsAndIsCertified) {
    unsigned seed = 0;
    for (const Kind kind : {Kind::uniform, Kind::ties, Kind::negative, Kind::forbidden}) {
        const RandomGrid random(3, 4, 3, kind, ++seed);
        const LabelSets sets = some_labels(random.grid, seed, 0.8);
        const Field field{random.grid, sets};
        const Optimum optimum = brute_force(random.grid, sets);
        if (std::isinf(optimum.upper)) continue;
        metafast::ThreadPool pool(1);
        MessageAscent ascent(field, measure(field), pool);
        double best = -kInfinity;
        for (int pass = 0; pass < 40; ++pass) {
            ascent.iterate(optimum.upper);
            EXPECT_GE(ascent.best(), best);
            best = ascent.best();
            const double bound = ascent.certify({}).bound.lower();
            EXPECT_LE(bound, optimum.upper);
            if (kind != Kind::forbidden) {
                EXPECT_GE(bound, best - 1e-4);
            }
        }
    }
}

TEST(MessageAscent, EveryPassRaisesTheBoundOfTheDual) {
    const SmoothGrid smooth(30, 25, 6, 5);
    const LabelSets sets(smooth.grid);
    const Field field{smooth.grid, sets};
    metafast::ThreadPool pool(2);
    MessageAscent ascent(field, measure(field), pool);
    double before = ascent.certify({}).bound.lower();
    for (int pass = 0; pass < 30; ++pass) {
        const double value = ascent.best();
        ascent.iterate(kInfinity);
        EXPECT_GE(ascent.best(), value - 1e-5);
        const double bound = ascent.certify({}).bound.lower();
        EXPECT_GE(bound, before - 0.05);
        EXPECT_GE(bound, ascent.best() - 1e-3);  // whole chains are worth no less
        before = bound;
    }
}

TEST(MessageAscent, ContinuesOverFewerLabelsByStripsAndBySubgradients) {
    for (unsigned seed = 0; seed < 6; ++seed) {
        const RandomGrid random(5, 6, 4, Kind::uniform, seed);
        const SmoothGrid smooth(6, 5, 4, seed);
        for (const Grid* grid : {&random.grid, &smooth.grid}) {
            const LabelSets all(*grid), some = some_labels(*grid, seed, 0.7);
            const Field field{*grid, all}, fewer{*grid, some};
            metafast::ThreadPool pool(1);
            MessageAscent ascent(field, measure(field), pool);
            for (int pass = 0; pass < 10; ++pass) ascent.iterate(kInfinity);
            const double before = ascent.certify({}).bound.value();
            const auto next = ascent.restricted(fewer, measure(fewer))();
            EXPECT_EQ(next->width(), 1);
            const double after = next->certify({}).bound.value();
            EXPECT_GE(after, before - 1e-5);
            EXPECT_GE(after, next->best() - 1e-4);
            const Labelling labels = next->labelling(false);
            EXPECT_LE(after, energy(*grid, labels).value() + 1e-9);
            for (std::size_t node = 0; node < labels.size(); ++node) {
                EXPECT_TRUE(some.find(node, labels[node]));
            }
            for (const int width : {2, 3}) {
                const auto strips = ascent.as_strips(width)();
                EXPECT_EQ(strips->width(), width);
                EXPECT_GE(strips->certify({}).bound.value(), before - 1e-5);
            }
            const auto chains = ascent.by_subgradients()();
            EXPECT_NEAR(chains->certify({}).bound.value(), before, 1e-4);
            EXPECT_FALSE(chains->by_subgradients());
        }
    }
}

TEST(MessageAscent, SameBitsForAnyNumberOfThreads) {
    for (const bool linear : {false, true}) {
        const RandomGrid random(70, 43, 5, Kind::uniform, 3);
        const SmoothGrid smooth(70, 43, 5, 3);
        const Grid& grid = linear ? smooth.grid : random.grid;
        const LabelSets sets = some_labels(grid, 3);
        const Field field{grid, sets};
        std::vector<std::vector<double>> multipliers;
        std::vector<Labelling> labellings;
        for (const int threads : {1, 2, 4}) {
            metafast::ThreadPool pool(threads);
            MessageAscent ascent(field, measure(field), pool);
            for (int pass = 0; pass < 20; ++pass) ascent.iterate(kInfinity);
            multipliers.push_back(ascent.multipliers());
            multipliers.back().push_back(ascent.best());
            labellings.push_back(ascent.labelling(false));
        }
        EXPECT_EQ(multipliers[0], multipliers[1]);
        EXPECT_EQ(multipliers[0], multipliers[2]);
        EXPECT_EQ(labellings[0], labellings[1]);
        EXPECT_EQ(labellings[0], labellings[2]);
    }
}
