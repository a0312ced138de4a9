#include <gtest/gtest.h>

#include "mrf/model/energy.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(Energy, IsTheSumOfAllCostsByItsDefinition) {
    unsigned seed = 0;
    for (const Kind kind : kAllKinds) {
        const RandomGrid random(3, 5, 4, kind, ++seed);
        const Labelling x = random_labelling(random.grid, seed);
        auto label = [&](int r, int c) { return static_cast<std::size_t>(x[r * 5 + c]); };
        double sum = 0.0;
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 5; ++c) {
                sum += random.unary[(r * 5 + c) * 4 + label(r, c)];
                if (c < 4) {
                    sum += random.horizontal[((r * 4 + c) * 4 + label(r, c)) * 4 + label(r, c + 1)];
                }
                if (r < 2) {
                    sum += random.vertical[((r * 5 + c) * 4 + label(r, c)) * 4 + label(r + 1, c)];
                }
            }
        }
        const CompensatedSum e = energy(random.grid, x);
        if (std::isinf(sum)) {
            EXPECT_EQ(e.upper(), kInfinity);
            continue;
        }
        EXPECT_NEAR(e.value(), sum, 1e-13 * std::fabs(sum));
        EXPECT_LE(e.lower(), e.value());
        EXPECT_GE(e.upper(), e.value());
    }
}

TEST(Energy, OfIntegerCostsIsExact) {
    const RandomGrid random(6, 7, 3, Kind::ties, 1);
    const CompensatedSum e = energy(random.grid, random_labelling(random.grid, 2));
    EXPECT_EQ(e.lower(), e.upper());
    EXPECT_EQ(e.value(), std::floor(e.value()));
}

TEST(Energy, RisesByWhatOneLabelRises) {
    RandomGrid random(4, 4, 3, Kind::uniform, 3);
    const Labelling x = random_labelling(random.grid, 3);
    const double before = energy(random.grid, x).value();
    random.unary[5 * 3 + x[5]] += 0.25;
    EXPECT_NEAR(energy(random.grid, x).value(), before + 0.25, 1e-13);
    random.unary[5 * 3 + (x[5] + 1) % 3] += 1.0;  // not in use
    EXPECT_NEAR(energy(random.grid, x).value(), before + 0.25, 1e-13);
}
