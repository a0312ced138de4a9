#include <gtest/gtest.h>

#include "mrf/model/field.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

// Every table entry read through the sets is the grid's.
void expect_grid_entries(const Grid& grid, const LabelSets& sets) {
    const Field field{grid, sets};
    std::vector<double> scratch(grid.pairs());
    for (const bool columns : {false, true}) {
        const Lines lines{field, columns};
        for (int line = 0; line < lines.count(); ++line) {
            for (int pos = 0; pos < lines.length(); ++pos) {
                const std::size_t here = lines.node(line, pos);
                const int r = static_cast<int>(here) / grid.cols;
                const int c = static_cast<int>(here) % grid.cols;
                const double* unary = lines.unary(line, pos, scratch.data());
                for (int k = 0; k < sets.count(here); ++k) {
                    EXPECT_EQ(unary[k], grid.unary.at(r, c, sets.open(here)[k]));
                }
                auto expect_pairs = [&](bool along, std::size_t next, const double* table) {
                    const Tables& tables = along == columns ? grid.vertical : grid.horizontal;
                    for (int a = 0; a < sets.count(here); ++a) {
                        for (int b = 0; b < sets.count(next); ++b) {
                            const std::size_t entry =
                                static_cast<std::size_t>(sets.open(here)[a]) * grid.labels +
                                sets.open(next)[b];
                            EXPECT_EQ(table[a * sets.count(next) + b], tables.at(r, c, entry));
                            EXPECT_EQ(along ? lines.along_at(line, pos, Position(a), Position(b))
                                            : lines.across_at(line, pos, Position(a), Position(b)),
                                      tables.at(r, c, entry));
                        }
                    }
                };
                if (pos + 1 < lines.length()) {
                    expect_pairs(true, lines.node(line, pos + 1),
                                 lines.along(line, pos, scratch.data()));
                }
                if (line + 1 < lines.count()) {
                    expect_pairs(false, lines.node(line + 1, pos),
                                 lines.across(line, pos, scratch.data()));
                }
            }
        }
    }
}

}  // namespace

TEST(Field, ReadsTheTablesThroughTheSets) {
    const RandomGrid random(3, 4, 3, Kind::uniform, 1);
    expect_grid_entries(random.grid, LabelSets(random.grid));
    for (unsigned seed = 0; seed < 5; ++seed) {
        expect_grid_entries(random.grid, some_labels(random.grid, seed));
    }
}

TEST(Field, ReadsFloat32AndSharedTables) {
    const RandomGrid random(3, 4, 3, Kind::uniform, 2);
    const std::vector<float> unary(random.unary.begin(), random.unary.end());
    const std::vector<float> one(random.vertical.begin(), random.vertical.begin() + 9);
    Grid grid = random.grid;
    grid.unary = {unary.data(), true, 4 * 3, 3};
    grid.vertical = {one.data(), true, 0, 0};
    EXPECT_EQ(grid.vertical.at(0, 0, 5), grid.vertical.at(1, 3, 5));
    expect_grid_entries(grid, LabelSets(grid));
    expect_grid_entries(grid, some_labels(grid, 3));
}

TEST(Field, ReplacesWhatItIsToldTo) {
    RandomGrid random(1, 2, 2, Kind::uniform, 3);
    random.horizontal = {1.0, 7.0, kInfinity, 3.0};
    random.grid.horizontal.data = random.horizontal.data();
    const LabelSets sets(random.grid);
    std::vector<double> scratch(4);
    const double* cut = Field{random.grid, sets, 2.5}.horizontal(0, 0, scratch.data());
    EXPECT_EQ(std::vector<double>(cut, cut + 4),
              (std::vector<double>{1.0, kInfinity, kInfinity, 3.0}));
    const Field finite{random.grid, sets, kInfinity, 99.0};
    const double* paid = finite.horizontal(0, 0, scratch.data());
    EXPECT_EQ(std::vector<double>(paid, paid + 4), (std::vector<double>{1.0, 7.0, 99.0, 3.0}));
    EXPECT_EQ(finite.horizontal_at(0, 0, Position(1), Position(0)), 99.0);
}
