#include "mrf/model/cost_range.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Exponents of the quanta that are of use: a bound is seldom nearer to the optimum than the lower
// one. Every double is a multiple of a quantum, most of one far below.
constexpr int kLeastQuantum = -20, kNoLimit = 1023;

// What the entries of a table over the open labels say.
struct Extremes {
    double least = kInfinity, most = -kInfinity, size = 0.0;  // size: of the finite ones
    bool forbidden = false;
    int quantum = kNoLimit;  // exponent; not followed below the least of use
};

// The exponent of the last bit that is set.
int last_bit(double value) {
    constexpr int kDigits = std::numeric_limits<double>::digits;
    int exponent;
    const double fraction = std::frexp(value, &exponent);
    const auto bits = static_cast<std::int64_t>(std::ldexp(std::fabs(fraction), kDigits));
    return exponent - kDigits + std::countr_zero(static_cast<std::uint64_t>(bits));
}

Extremes extremes(const double* table, std::size_t entries) {
    Extremes result;
    for (std::size_t i = 0; i < entries; ++i) {
        result.least = std::min(result.least, table[i]);
        if (std::isinf(table[i])) {
            result.forbidden = true;
            continue;
        }
        result.most = std::max(result.most, table[i]);
        result.size = std::max(result.size, std::fabs(table[i]));
        if (table[i] != 0.0 && result.quantum >= kLeastQuantum) {
            result.quantum = std::min(result.quantum, last_bit(table[i]));
        }
    }
    return result;
}

// Those of edge tables, looked up once where all places share one.
class EdgeExtremes {
public:
    EdgeExtremes(const Field& field, const Tables& tables)
        : shared_(field.sets.full() && tables.row_stride == 0 && tables.col_stride == 0) {}

    template <class Table>
    const Extremes& of(Table table, std::size_t entries, double* scratch) {
        if (!(shared_ && known_)) last_ = extremes(table(scratch), entries);
        known_ = true;
        return last_;
    }

private:
    bool shared_, known_ = false;
    Extremes last_;
};

// Calls visit(extremes) for all tables over the open labels.
template <class Visit>
void for_each_table(const Field& field, Visit visit) {
    const Grid& grid = field.grid;
    std::vector<double> scratch(grid.pairs());
    EdgeExtremes horizontal(field, grid.horizontal), vertical(field, grid.vertical);
    for (int r = 0; r < grid.rows; ++r) {
        for (int c = 0; c < grid.cols; ++c) {
            const std::size_t count = field.count(grid.node(r, c));
            visit(extremes(field.unary(r, c, scratch.data()), count));
            if (c + 1 < grid.cols) {
                const auto table = [&](double* out) { return field.horizontal(r, c, out); };
                visit(horizontal.of(table, count * field.count(grid.node(r, c + 1)),
                                    scratch.data()));
            }
            if (r + 1 < grid.rows) {
                const auto table = [&](double* out) { return field.vertical(r, c, out); };
                visit(vertical.of(table, count * field.count(grid.node(r + 1, c)),
                                  scratch.data()));
            }
        }
    }
}

}  // namespace

CostRange measure(const Field& field) {
    CostRange range;
    int quantum = kNoLimit;
    for_each_table(field, [&](const Extremes& table) {
        if (std::isinf(table.least)) return;
        range.base.add(table.least);
        range.widest = std::max(range.widest, table.most - table.least);
        quantum = std::min(quantum, table.quantum);
    });
    if (quantum >= kLeastQuantum && quantum < kNoLimit) range.quantum = std::ldexp(1.0, quantum);
    return range;
}

double penalty(const Field& field) {
    bool forbidden = false;
    double penalty = 1.0;
    for_each_table(field, [&](const Extremes& table) {
        forbidden = forbidden || table.forbidden;
        penalty += 2.0 * table.size;
    });
    return forbidden ? penalty : kInfinity;
}

double cost_cutoff(const CostRange& range, double energy) {
    return 2.0 * std::max(energy - range.base.lower(), 0.0);
}

}  // namespace metafast::mrf
