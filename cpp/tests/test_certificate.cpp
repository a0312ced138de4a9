#include <gtest/gtest.h>

#include "mrf/certificate.hpp"
#include "random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(Certificate, NeverExceedsTheOptimumWhateverTheMultipliers) {
    metafast::ThreadPool pool(2);
    unsigned seed = 0;
    for (const Kind kind : kAllKinds) {
        for (const double size : {0.0, 1e-9, 1.0, 1e9}) {
            const RandomGrid random(3, 3, 2, kind, ++seed);
            std::mt19937_64 generator(seed);
            std::normal_distribution<double> normal;
            std::vector<double> multipliers(random.unary.size());
            for (double& m : multipliers) m = size * normal(generator);
            const Certificate certificate = certify(random.grid, multipliers, pool);
            EXPECT_LE(certificate.bound.lower(), brute_force(random.grid).upper);
        }
    }
}

TEST(Certificate, ProvesInfeasibility) {
    RandomGrid random(2, 3, 2, Kind::uniform, 1);
    for (int i = 0; i < 4; ++i) random.horizontal[i] = kInfinity;
    metafast::ThreadPool pool(1);
    const std::vector<double> zero(random.unary.size());
    EXPECT_EQ(certify(random.grid, zero, pool).bound.lower(), kInfinity);
}

TEST(Certificate, LargeCostsOfUnusedLabelsDoNotEnterTheMargin) {
    RandomGrid random(5, 6, 3, Kind::uniform, 4);
    metafast::ThreadPool pool(1);
    const std::vector<double> zero(random.unary.size());
    const Certificate plain = certify(random.grid, zero, pool);
    for (std::size_t node = 0; node < random.grid.nodes(); ++node) {
        for (Label k = 0; k < 3; ++k) {
            const bool used = k == plain.rows[node] || k == plain.cols[node];
            if (!used) random.unary[node * 3 + k] = 1e16;
        }
    }
    const Certificate large = certify(random.grid, zero, pool);
    EXPECT_GE(large.bound.lower(), plain.bound.lower());
    EXPECT_LT(large.margin, 1e-11);
}

TEST(Certificate, IsVoidOnceAskedToStop) {
    const RandomGrid random(5, 6, 3, Kind::uniform, 4);
    metafast::ThreadPool pool(2);
    const std::vector<double> zero(random.unary.size());
    EXPECT_EQ(certify(random.grid, zero, pool, [] { return true; }).bound.lower(), -kInfinity);
}

TEST(Certificate, IsTightOnSeparableGrids) {
    RandomGrid random(4, 5, 3, Kind::uniform, 2);
    for (double& cost : random.horizontal) cost = 0.0;
    for (double& cost : random.vertical) cost = 0.0;
    metafast::ThreadPool pool(1);
    const Certificate c = certify(random.grid, std::vector<double>(random.unary.size()), pool);
    EXPECT_EQ(c.rows, c.cols);
    EXPECT_NEAR(c.bound.lower(), energy(random.grid, c.rows).value(), 1e-13);
    EXPECT_LT(c.margin, 1e-12);
}
