#include <gtest/gtest.h>

#include <algorithm>

#include "mrf/dual/lanes.hpp"
#include "mrf/dual/strip_step.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

// One position of strips with random costs, by the kernel and by its definition.
void expect_step(const std::vector<int>& n, const std::vector<int>& m, bool first, unsigned seed) {
    const int width = static_cast<int>(n.size());
    const std::size_t wide = strips_of_a_vector();
    auto vectors = [&](std::size_t count) {
        const auto numbers = normal_numbers(count * wide, 1.0, ++seed);
        return std::vector<float>(numbers.begin(), numbers.end());
    };
    std::size_t states = 1, before_states = 1;
    for (const int labels : n) states *= labels;
    for (const int labels : m) before_states *= labels;
    std::vector<std::vector<float>> node, along, across, partial;
    for (int q = 0; q < width; ++q) {
        node.push_back(vectors(n[q]));
        along.push_back(vectors(static_cast<std::size_t>(m[q]) * n[q]));
        across.push_back(vectors(q + 1 < width ? static_cast<std::size_t>(n[q]) * n[q + 1] : 1));
        std::size_t size = 1;
        for (int p = 0; p < width; ++p) size *= p <= q ? n[p] : m[p];
        partial.emplace_back(size * wide);
    }
    const auto before = vectors(before_states);
    std::vector<float> value(states * wide), sum[2] = {value, value};
    float lowest[kLanes];
    double total[kLanes];
    std::fill_n(lowest, kLanes, 0.75f);
    std::fill_n(total, kLanes, 2.0);
    StripStep s{};
    s.width = width;
    s.first = first;
    s.before = before.data();
    s.value = value.data();
    s.lowest = lowest;
    s.total = total;
    for (int i = 0; i < 2; ++i) s.sum[i] = sum[i].data();
    for (int q = 0; q < width; ++q) {
        s.n[q] = n[q], s.m[q] = m[q];
        s.node[q] = node[q].data(), s.along[q] = along[q].data();
        s.across[q] = across[q].data(), s.partial[q] = partial[q].data();
    }
    advance_strips(s);

    for (std::size_t lane = 0; lane < wide; ++lane) {
        double least_of_all = kInfinity;
        for (std::size_t state = 0; state < states; ++state) {
            std::vector<std::size_t> b(width);
            for (std::size_t rest = state, q = 0; q < b.size(); ++q) {
                b[q] = rest % n[q], rest /= n[q];
            }
            double cost = -0.75;  // what was lowest is taken out
            for (int q = 0; q < width; ++q) {
                cost += node[q][b[q] * wide + lane];
                if (q + 1 < width) cost += across[q][(b[q + 1] * n[q] + b[q]) * wide + lane];
            }
            double best = first ? 0.0 : kInfinity;
            for (std::size_t from = 0; from < before_states && !first; ++from) {
                double sum_of = before[from * wide + lane];
                for (std::size_t rest = from, q = 0; q < b.size(); ++q) {
                    sum_of += along[q][(rest % m[q] * n[q] + b[q]) * wide + lane];
                    rest /= m[q];
                }
                best = std::min(best, sum_of);
            }
            EXPECT_NEAR(value[state * wide + lane], best + cost, 1e-5);
            least_of_all = std::min(least_of_all, best + cost);
        }
        EXPECT_NEAR(lowest[lane], least_of_all, 1e-5);
        EXPECT_NEAR(total[lane], 2.0 + least_of_all, 1e-5);
    }
}

}  // namespace

TEST(StripStep, FindsTheBestWayIntoEveryState) {
    unsigned seed = 0;
    for (const bool first : {false, true}) {
        expect_step({1, 1}, {1, 1}, first, seed += 100);
        expect_step({3, 2}, {2, 4}, first, seed += 100);
        expect_step({6, 7}, {5, 3}, first, seed += 100);
        expect_step({2, 3, 2}, {3, 1, 2}, first, seed += 100);
        expect_step({2, 1, 3, 2}, {2, 3, 2, 1}, first, seed += 100);
        expect_step({2, 2, 1, 2, 2}, {1, 2, 2, 2, 2}, first, seed += 100);
    }
}

TEST(StripStep, MovesCostsByTheirVelocityAndSlowsIt) {
    const std::size_t wide = strips_of_a_vector();
    std::vector<float> costs(3 * wide), velocity(costs.size());
    for (std::size_t i = 0; i < costs.size(); ++i) {
        costs[i] = static_cast<float>(i), velocity[i] = 0.5f * static_cast<float>(i % 5);
    }
    move_costs(costs.data(), velocity.data(), 2, 0.5f);  // not the third
    for (std::size_t i = 0; i < costs.size(); ++i) {
        const float speed = 0.5f * static_cast<float>(i % 5);
        EXPECT_EQ(costs[i], static_cast<float>(i) + (i < 2 * wide ? speed : 0.0f));
        EXPECT_EQ(velocity[i], i < 2 * wide ? 0.5f * speed : speed);
    }
}
