#include <gtest/gtest.h>

#include "mrf/dual/message_step.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

constexpr int kLabels = 6;

// A step with random costs and messages.
struct Arrays {
    std::vector<float> unary, left, right, above, below, along, across, sum, spare;
    std::vector<float> weight, limit, shared, own;
    double total[kLanes] = {};
    float label_along[kLanes], label_across[kShifted];

    Arrays() {
        unsigned seed = 0;
        for (auto* array : {&unary, &left, &right, &above, &below, &along, &sum, &spare}) {
            fill(*array, kLabels * kLanes, ++seed);
        }
        fill(across, kLabels * kShifted, ++seed);
        weight.assign(kLanes, 0.5f);
        limit.assign(kLanes, 1.25f);
        for (int a = 0; a < kLabels; ++a) {
            for (int b = 0; b < kLabels; ++b) {
                shared.push_back(std::min(0.5f * static_cast<float>(std::abs(a - b)), 1.25f));
                for (int lane = 0; lane < kLanes; ++lane) own.push_back(shared.back());
            }
        }
        for (int lane = 0; lane < kShifted; ++lane) {
            if (lane < kLanes) label_along[lane] = static_cast<float>(lane % kLabels);
            label_across[lane] = static_cast<float>((lane * 5 + 2) % kLabels);
        }
    }
    static void fill(std::vector<float>& array, std::size_t count, unsigned seed) {
        for (const double n : normal_numbers(count, 1.0, seed)) {
            array.push_back(static_cast<float>(n));
        }
    }
    MessageStep step(PairShape shape) {
        ones.assign(kLanes, 1.0f);
        const bool is_shared = shape == PairShape::shared;
        const EdgeLanes edge{shape, is_shared ? shared.data() : own.data(),
                             is_shared ? ones.data() : weight.data(), limit.data()};
        return {kLabels,      unary.data(), edge,         edge,          left.data(),
                above.data(), right.data(), below.data(), along.data(),  across.data(),
                sum.data(),   spare.data(), total,        label_along,   label_across};
    }
    std::vector<float> ones;

    // All that a step may write.
    std::vector<float> written() const {
        std::vector<float> all;
        for (const auto* array : {&left, &right, &above, &below, &along, &across}) {
            all.insert(all.end(), array->begin(), array->end());
        }
        all.insert(all.end(), total, total + kLanes);
        all.insert(all.end(), label_along, label_along + kLanes);
        return all;
    }
};

}  // namespace

TEST(MessageStep, ShapesOfTheSameTableGiveTheSameMessages) {
    for (const auto step : {step_forward, step_backward}) {
        std::vector<std::vector<float>> results;
        for (const PairShape shape : {PairShape::own, PairShape::shared, PairShape::linear}) {
            Arrays arrays;
            step(arrays.step(shape));
            results.push_back(arrays.written());
        }
        for (std::size_t i = 0; i < results[0].size(); ++i) {
            EXPECT_FLOAT_EQ(results[0][i], results[1][i]);
            EXPECT_NEAR(results[0][i], results[2][i], 1e-5);
        }
    }
}

TEST(MessageStep, AMessageIsTheBestOfTheSender) {
    Arrays before, after;
    step_forward(after.step(PairShape::linear));
    for (int lane = 0; lane < kLanes; ++lane) {
        for (int b = 0; b < kLabels; ++b) {
            float best = 1e9f, least = 1e9f;
            for (int a = 0; a < kLabels; ++a) {
                const float sent = before.along[a * kLanes + lane];
                best = std::min(best, sent + before.shared[a * kLabels + b]);
                least = std::min(least, sent);
            }
            EXPECT_NEAR(after.left[b * kLanes + lane], best - least, 1e-5);
        }
    }
}

TEST(MessageStep, LanesWithoutEdgesGetNoMessages) {
    for (const PairShape shape : {PairShape::shared, PairShape::linear}) {
        Arrays arrays;
        MessageStep step = arrays.step(shape);
        const std::vector<float> none(kLanes, 0.0f);
        step.left.weight = step.left.limit = none.data();
        step_forward(step);
        for (const float message : arrays.left) EXPECT_EQ(message, 0.0f);
    }
}
