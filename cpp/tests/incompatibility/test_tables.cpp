#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "incompatibility/mismatch.hpp"
#include "incompatibility/tables.hpp"

using namespace metafast::incompatibility;

TEST(Tables, AgainstEveryPairOnItsOwnAndForAnyNumberOfThreads) {
    constexpr int rows = 4, cols = 5, labels = 3, h = 7, count = 9;
    std::mt19937_64 generator(1);
    std::normal_distribution<double> normal;
    std::vector<std::uint8_t> pixels(count * h * h);
    for (auto& p : pixels) p = generator() % 2;
    std::vector<double> tractions(count * 24 * h);
    for (auto& t : tractions) t = normal(generator);
    std::vector<std::int64_t> index(rows * cols * labels);
    for (auto& i : index) i = static_cast<std::int64_t>(generator() % count);
    const Candidates candidates{rows, cols, labels, index.data()};
    const Cells cells{count, h, pixels.data(), tractions.data()};
    const Weights weights{0.75, 0.5};

    auto side = [&](std::int64_t cell, int s) { return &tractions[(cell * 4 + s) * 6 * h]; };
    auto expected = [&](std::int64_t a, std::int64_t b, bool across) {
        int differ = 0, either = 0, in_a = 0, in_b = 0;
        for (int p = 0; p < h; ++p) {
            const int pa = pixels[a * h * h + (across ? p * h + h - 1 : (h - 1) * h + p)];
            const int pb = pixels[b * h * h + (across ? p * h : p)];
            differ += pa != pb, either += pa | pb, in_a += pa, in_b += pb;
        }
        const double* ta = side(a, across ? 1 : 2);
        const double* tb = side(b, across ? 0 : 3);
        double sum = 0.0, size = 0.0;
        for (int i = 0; i < 6 * h; ++i) {
            sum += std::fabs(ta[i] + tb[i]), size += std::fabs(ta[i]) + std::fabs(tb[i]);
        }
        const double geometric = in_a && in_b ? double(differ) / either : 1.0;
        return 0.75 * geometric + 0.5 * sum / size;
    };
    std::vector<double> first[2];
    for (const int threads : {1, 2, 4}) {
        metafast::ThreadPool pool(threads);
        std::vector<double> table[2] = {std::vector<double>(rows * (cols - 1) * labels * labels),
                                        std::vector<double>((rows - 1) * cols * labels * labels)};
        fill_table(candidates, cells, weights, Direction::horizontal, pool, table[0].data(), {});
        fill_table(candidates, cells, weights, Direction::vertical, pool, table[1].data(), {});
        std::size_t at[2] = {0, 0};
        for (int r = 0; r < rows; ++r) {
            for (int c = 0; c < cols; ++c) {
                for (int i = 0; i < labels * labels; ++i) {
                    const std::int64_t* a = &index[(r * cols + c) * labels];
                    if (c + 1 < cols) {
                        EXPECT_NEAR(table[0][at[0]++],
                                    expected(a[i / labels], a[labels + i % labels], true), 1e-14);
                    }
                    if (r + 1 < rows) {
                        EXPECT_NEAR(table[1][at[1]++],
                                    expected(a[i / labels], a[cols * labels + i % labels], false),
                                    1e-14);
                    }
                }
            }
        }
        for (int d = 0; d < 2; ++d) {
            if (threads == 1) first[d] = table[d];
            EXPECT_EQ(first[d], table[d]);
        }
    }
}
