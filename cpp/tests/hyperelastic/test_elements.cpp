// Forces are the gradients of the energy and tangents those of the forces, for every kind of law.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "hyperelastic/elements.hpp"

namespace metafast::hyperelastic {
namespace {

constexpr Law kLaws[] = {{true, false, 0.8, 1.3, 0.0, 0.0, 0.0},
                         {true, true, 0.8, 1.3, 0.0, 0.0, 0.0},
                         {false, false, 0.8, 1.3, 2.2, 0.6, 0.8},
                         {false, true, 0.8, 1.3, 1.6, 0.0, 0.8}};

struct Example {
    int count = 11, size = 40;
    std::vector<std::int32_t> dofs;
    std::vector<double> u;

    Example() : dofs(8 * count), u(size) {
        std::mt19937 random(5);
        std::uniform_real_distribution<double> number(-0.03, 0.03);
        for (auto& x : u) x = number(random);
        for (auto& dof : dofs) dof = static_cast<std::int32_t>(random() % size);
    }
    Mesh mesh() const { return {dofs.data(), count, 3.0}; }
    double energy(const Law& law, const std::vector<double>& at, std::vector<double>& force) const {
        std::vector<double> parts(count);
        force.assign(size, 0.0);
        forces(mesh(), law, at.data(), 2, parts.data(), force.data());
        double sum = 0.0;
        for (const double part : parts) sum += part;
        return sum;
    }
};

TEST(Elements, ForcesAndTangentsAreDerivatives) {
    const Example example;
    constexpr double step = 1e-6;
    for (const Law& law : kLaws) {
        std::vector<double> force, up, down, tangent(36 * example.count);
        example.energy(law, example.u, force);
        tangents(example.mesh(), law, example.u.data(), 2, tangent.data());
        for (int k = 0; k < example.size; ++k) {
            auto high = example.u, low = example.u;
            high[k] += step;
            low[k] -= step;
            const double rise = example.energy(law, high, up) - example.energy(law, low, down);
            EXPECT_NEAR(force[k], rise / (2 * step), 1e-7);
            std::vector<double> unit(example.size, 0.0), column(example.size, 0.0);
            unit[k] = 1.0;
            add_products(example.mesh(), tangent.data(), unit.data(), column.data());
            for (int r = 0; r < example.size; ++r) {
                EXPECT_NEAR(column[r], (up[r] - down[r]) / (2 * step), 1e-6);
            }
        }
    }
}

TEST(Elements, ThreadsGiveTheSameBits) {
    Example example;
    example.count = 3000;
    example.dofs.resize(8 * example.count);
    std::mt19937 random(6);
    for (auto& dof : example.dofs) dof = static_cast<std::int32_t>(random() % example.size);
    std::vector<double> energy[2], force[2];
    for (int threads = 1; threads <= 2; ++threads) {
        auto &own = energy[threads - 1], &total = force[threads - 1];
        own.resize(example.count);
        total.assign(example.size, 0.0);
        forces(example.mesh(), kLaws[0], example.u.data(), threads, own.data(), total.data());
    }
    EXPECT_EQ(energy[0], energy[1]);
    EXPECT_EQ(force[0], force[1]);
}

TEST(Elements, TurnedInsideOutHasInfiniteEnergy) {
    const std::int32_t dofs[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    const double u[8] = {0.5, 0, 0, 0, 0, 0, 0, 0};
    for (const Law& law : kLaws) {
        double energy = 0.0, total[8] = {};
        forces({dofs, 1, 3.0}, law, u, 1, &energy, total);
        EXPECT_EQ(energy, INFINITY);
    }
}

TEST(Elements, NothingIsNoWork) {
    forces({nullptr, 0, 3.0}, kLaws[0], nullptr, 2, nullptr, nullptr);
    tangents({nullptr, 0, 3.0}, kLaws[0], nullptr, 2, nullptr);
}

}  // namespace
}  // namespace metafast::hyperelastic
