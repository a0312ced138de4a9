#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

#include "cholesky/slab.hpp"

namespace metafast::cholesky {
namespace {

TEST(Slab, IsAlignedAndHoldsWhatItWasAskedFor) {
    for (const std::size_t doubles : {std::size_t{1}, std::size_t{7}, std::size_t{100000},
                                      std::size_t{300000}}) {
        const Slab slab(doubles);
        EXPECT_EQ(slab.size(), doubles);
        const std::size_t page = doubles * sizeof(double) >= (1u << 21) ? 1u << 21 : 64;
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(slab.data()) % page, 0u);
        slab.data()[0] = 1.0, slab.data()[doubles - 1] = 2.0;
        EXPECT_EQ(slab.data()[doubles - 1], 2.0);
        EXPECT_GE(Slab::taken(doubles), doubles * sizeof(double));
        EXPECT_LT(Slab::taken(doubles), doubles * sizeof(double) + page);
    }
}

TEST(Slab, OfNothingTakesNothing) {
    EXPECT_EQ(Slab(0).data(), nullptr);
    EXPECT_EQ(Slab().size(), 0u);
    EXPECT_EQ(Slab::taken(0), 0u);
}

TEST(Slab, MovesWithItsNumbers) {
    Slab one(10);
    one.data()[3] = 4.0;
    const double* where = one.data();
    const Slab two = std::move(one);
    EXPECT_EQ(two.data(), where);
    EXPECT_EQ(two.data()[3], 4.0);
}

}  // namespace
}  // namespace metafast::cholesky
