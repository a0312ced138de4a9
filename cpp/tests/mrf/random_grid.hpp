// Random grids of every kind that users send, and brute force over all labellings.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "mrf/model/energy.hpp"
#include "mrf/model/field.hpp"

namespace metafast::mrf::testing {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

enum class Kind { uniform, ties, constant, negative, huge_range, forbidden, offset };
constexpr Kind kAllKinds[] = {Kind::uniform,    Kind::ties,      Kind::constant, Kind::negative,
                              Kind::huge_range, Kind::forbidden, Kind::offset};

struct RandomGrid {
    std::vector<double> unary, horizontal, vertical;
    Grid grid;

    RandomGrid(int rows, int cols, int labels, Kind kind, unsigned seed) {
        std::mt19937_64 generator(seed);
        std::uniform_real_distribution<double> uniform;
        auto draw = [&]() -> double {
            const double u = uniform(generator);
            switch (kind) {
                case Kind::ties: return std::floor(3.0 * u);
                case Kind::constant: return 0.7;
                case Kind::negative: return u - 2.0;
                case Kind::huge_range: return std::pow(10.0, 16.0 * u - 8.0);
                case Kind::forbidden: return u < 0.2 ? kInfinity : u;
                case Kind::offset: return 1e9 + u;
                default: return u;
            }
        };
        const std::size_t pairs = static_cast<std::size_t>(labels) * labels;
        unary.resize(static_cast<std::size_t>(rows) * cols * labels);
        horizontal.resize(static_cast<std::size_t>(rows) * (cols - 1) * pairs);
        vertical.resize(static_cast<std::size_t>(rows - 1) * cols * pairs);
        for (auto* table : {&unary, &horizontal, &vertical}) {
            for (double& cost : *table) cost = draw();
        }
        grid = dense_grid(rows, cols, labels, unary.data(), horizontal.data(), vertical.data());
    }
    RandomGrid(const RandomGrid&) = delete;
};

// A 3x3 grid of two labels around a frustrated square: every edge wants its ends to differ but one,
// which wants them equal. The least energy is 1, and chains prove no more than 0.
struct FrustratedGrid : RandomGrid {
    FrustratedGrid() : RandomGrid(3, 3, 2, Kind::constant, 1) {
        std::fill(unary.begin(), unary.end(), 0.0);
        for (auto* table : {&horizontal, &vertical}) {
            for (std::size_t i = 0; i < table->size(); ++i) {
                (*table)[i] = i % 4 == 0 || i % 4 == 3 ? 1.0 : 0.0;
            }
        }
        for (int i = 0; i < 4; ++i) horizontal[i] = 1.0 - horizontal[i];
    }
};

// Random node costs and truncated-linear edges of one weight and limit for each direction, written
// out at every place: smooth fields with many ties, if the costs are whole numbers.
struct SmoothGrid : RandomGrid {
    SmoothGrid(int rows, int cols, int labels, unsigned seed, double weight = 1.0,
               double limit = 2.0)
        : RandomGrid(rows, cols, labels, Kind::ties, seed) {
        for (auto* table : {&horizontal, &vertical}) {
            for (std::size_t i = 0; i < table->size(); ++i) {
                const int a = static_cast<int>(i / labels % labels);
                const int b = static_cast<int>(i % labels);
                (*table)[i] = std::min(weight * std::abs(a - b), limit);
            }
        }
    }
};

inline Labelling random_labelling(const Grid& grid, unsigned seed) {
    std::mt19937_64 generator(seed);
    Labelling x(grid.nodes());
    for (Label& label : x) label = static_cast<Label>(generator() % grid.labels);
    return x;
}

inline std::vector<double> normal_numbers(std::size_t count, double size, unsigned seed) {
    std::mt19937_64 generator(seed);
    std::normal_distribution<double> normal;
    std::vector<double> numbers(count);
    for (double& n : numbers) n = size * normal(generator);
    return numbers;
}

// The sets with some of their labels dropped at random, never all of a node.
inline LabelSets some_labels(const Grid& grid, unsigned seed, double share = 0.6) {
    LabelSets sets(grid);
    std::mt19937_64 generator(seed);
    std::uniform_real_distribution<double> uniform;
    std::vector<char> keep(sets.total());
    for (char& k : keep) k = uniform(generator) < share;
    for (std::size_t node = 0; node < sets.nodes(); ++node) {
        keep[sets.offset(node) + generator() % sets.count(node)] = 1;
    }
    sets.retain(keep);
    return sets;
}

// Least energy over all labellings of open labels, with the interval its rounding leaves open.
struct Optimum {
    double lower = kInfinity, upper = kInfinity;
};

// Calls visit(x) for every labelling of open labels.
template <class Visit>
void for_each_labelling(const LabelSets& sets, Visit visit) {
    std::vector<int> digits(sets.nodes(), 0);
    Labelling x(sets.nodes());
    for (;;) {
        for (std::size_t node = 0; node < x.size(); ++node) x[node] = sets.open(node)[digits[node]];
        visit(x);
        std::size_t node = 0;
        while (node < x.size() && ++digits[node] == sets.count(node)) digits[node++] = 0;
        if (node == x.size()) return;
    }
}

inline Optimum brute_force(const Grid& grid, const LabelSets& sets) {
    Optimum best;
    for_each_labelling(sets, [&](const Labelling& x) {
        const CompensatedSum sum = energy(grid, x);
        best.lower = std::min(best.lower, sum.lower());
        best.upper = std::min(best.upper, sum.upper());
    });
    return best;
}

inline Optimum brute_force(const Grid& grid) { return brute_force(grid, LabelSets(grid)); }

}  // namespace metafast::mrf::testing
