#include <gtest/gtest.h>

#include <algorithm>

#include "mrf/strips/min_plus.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

template <int bytes>
METAFAST_INLINE void product_kernel(const float* p, const float* q, int terms, std::size_t rows,
                                    std::size_t cols, float* out) {
    constexpr std::size_t wide = metafast::Vector<bytes>::floats;
    min_plus<bytes>(p, rows * wide, wide, q, cols * wide, terms, rows, cols, out);
}
METAFAST_DISPATCH(product, product_kernel,
                  (const float* p, const float* q, int terms, std::size_t rows, std::size_t cols,
                   float* out),
                  (p, q, terms, rows, cols, out))

template <int bytes>
METAFAST_INLINE void block_kernel(const float* p, const float* q, int terms, float* out,
                                  Position* back) {
    constexpr std::size_t wide = metafast::Vector<bytes>::floats;
    min_plus_block<FloatVectors<bytes>, 2, 3, true>(p, 2 * wide, wide, q, 3 * wide, wide, terms,
                                                    out, 3 * wide, back);
}
METAFAST_DISPATCH(block, block_kernel,
                  (const float* p, const float* q, int terms, float* out, Position* back),
                  (p, q, terms, out, back))

int lanes() {
#if defined(__x86_64__)
    return metafast::vector_bytes() / 4;
#else
    return 4;
#endif
}

std::vector<float> floats(std::size_t count, unsigned seed) {
    const auto numbers = normal_numbers(count, 1.0, seed);
    return {numbers.begin(), numbers.end()};
}

}  // namespace

TEST(MinPlus, ReplacesALabelOfAStateInDouble) {
    unsigned seed = 0;
    for (const auto& [high, from, to, low] :
         {std::array{1, 1, 1, 1}, {1, 3, 5, 1}, {4, 9, 37, 1}, {7, 5, 5, 1}, {3, 4, 6, 5},
          {2, 10, 10, 10}, {2, 3, 4, 40}, {5, 2, 3, 3}}) {
        auto in = normal_numbers(static_cast<std::size_t>(high) * from * low, 1.0, ++seed);
        auto table = normal_numbers(static_cast<std::size_t>(from) * to, 1.0, ++seed);
        table[0] = kInfinity;
        for (double& t : table) t = seed % 4 ? t : std::round(t);  // ties
        const std::size_t size = static_cast<std::size_t>(high) * to * low;
        std::vector<double> out(size), again(size);
        std::vector<Position> back(size);
        replace_label(in.data(), table.data(), high, from, to, low, out.data());
        replace_label(in.data(), table.data(), high, from, to, low, again.data(), back.data());
        EXPECT_EQ(out, again);
        for (std::size_t i = 0; i < size; ++i) {
            const std::size_t l = i % low, b = i / low % to, h = i / low / to;
            double best = kInfinity;
            std::size_t first = 0;
            for (int a = 0; a < from; ++a) {
                const double sum = in[(h * from + a) * low + l] + table[a * to + b];
                if (sum < best) best = sum, first = a;
            }
            EXPECT_EQ(out[i], best);
            EXPECT_EQ(index(back[i]), first);
        }
    }
}

TEST(MinPlus, ProductInFloatOfEverySize) {
    const std::size_t wide = lanes();
    unsigned seed = 0;
    for (const int terms : {1, 2, 7}) {
        for (std::size_t rows = 1; rows <= 9; ++rows) {
            for (std::size_t cols = 1; cols <= 13; ++cols) {
                const auto p = floats(terms * rows * wide, ++seed);
                const auto q = floats(terms * cols * wide, ++seed);
                std::vector<float> out(rows * cols * wide);
                product(p.data(), q.data(), terms, rows, cols, out.data());
                for (std::size_t i = 0; i < rows; ++i) {
                    for (std::size_t j = 0; j < cols; ++j) {
                        for (std::size_t lane = 0; lane < wide; ++lane) {
                            float best = p[i * wide + lane] + q[j * wide + lane];
                            for (int k = 1; k < terms; ++k) {
                                best = std::min(best, p[(k * rows + i) * wide + lane] +
                                                          q[(k * cols + j) * wide + lane]);
                            }
                            ASSERT_EQ(out[(i * cols + j) * wide + lane], best);
                        }
                    }
                }
            }
        }
    }
}

TEST(MinPlus, ABlockTellsTheFirstOfEqualMinima) {
    const std::size_t wide = lanes();
    const int terms = 6;
    auto p = floats(terms * 2 * wide, 1), q = floats(terms * 3 * wide, 2);
    for (auto* numbers : {&p, &q}) {
        for (float& n : *numbers) n = std::round(n);
    }
    std::vector<float> out(6 * wide);
    std::vector<Position> back(6 * wide);
    block(p.data(), q.data(), terms, out.data(), back.data());
    for (std::size_t i = 0; i < 2; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            for (std::size_t lane = 0; lane < wide; ++lane) {
                std::vector<float> sums;
                for (int k = 0; k < terms; ++k) {
                    sums.push_back(p[(k * 2 + i) * wide + lane] + q[(k * 3 + j) * wide + lane]);
                }
                const auto least = std::min_element(sums.begin(), sums.end());
                const std::size_t at = (i * 3 + j) * wide + lane;
                EXPECT_EQ(out[at], *least);
                EXPECT_EQ(index(back[at]), static_cast<std::size_t>(least - sums.begin()));
            }
        }
    }
}
