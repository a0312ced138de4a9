#include "cholesky/fronts.hpp"

#include <algorithm>

namespace metafast::cholesky {

namespace {

// Update rows of front f: later unknowns coupled with its pivots or passed on by its children.
void collect(const PixelRows& matrix, const std::vector<Front>& fronts, const Front& front,
             std::vector<std::int32_t>& found) {
    found.clear();
    for (const std::int32_t child : front.children) {
        const Front& c = fronts[child];
        for (std::int32_t r = 0; r < c.updates; ++r) {
            if (c.rows[r] >= front.stop) found.push_back(c.rows[r]);
        }
    }
    for (std::int32_t k = front.start; k < front.stop; ++k) {
        matrix.upper(k, [&](std::int32_t m, double) {
            if (m >= front.stop) found.push_back(m);
        });
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
}

}  // namespace

Fronts::Fronts(const PixelRows& matrix, const std::int32_t* start, const std::int32_t* parent,
               std::int32_t count, std::int32_t unit, ThreadPool& pool)
    : fronts_(count) {
    for (std::int32_t f = 0; f < count; ++f) {
        Front& front = fronts_[f];
        front.start = start[f];
        front.stop = start[f + 1];
        front.parent = parent[f];
        front.first = f;
    }
    for (std::int32_t f = 0; f < count; ++f) {
        const Front& front = fronts_[f];
        if (front.parent < 0) continue;
        Front& above = fronts_[front.parent];
        above.first = std::min(above.first, front.first);
        above.children.push_back(f);
    }
    const auto unknowns = [&](std::int32_t f) {
        return fronts_[f].stop - fronts_[fronts_[f].first].start;
    };
    for (std::int32_t f = 0; f < count; ++f) {
        if (unknowns(f) > unit) {
            top_.push_back(f);
        } else if (fronts_[f].parent < 0 || unknowns(fronts_[f].parent) > unit) {
            units_.push_back(f);
        }
    }
    // A front's rows lie in blocks that never move: one allocation for each front.
    storage_.resize(count);
    std::vector<std::vector<std::int32_t>> scratch(pool.size());
    const auto settle = [&](std::int32_t f, std::vector<std::int32_t>& found) {
        collect(matrix, fronts_, fronts_[f], found);
        storage_[f].assign(found.begin(), found.end());
        fronts_[f].rows = storage_[f].data();
        fronts_[f].updates = static_cast<std::int32_t>(found.size());
    };
    pool.run(static_cast<int>(units_.size()), [&](int index, int worker) {
        const std::int32_t root = units_[index];
        for (std::int32_t f = fronts_[root].first; f <= root; ++f) settle(f, scratch[worker]);
    });
    for (const std::int32_t f : top_) settle(f, scratch[0]);
}

std::int64_t Fronts::entries(std::int32_t first, std::int32_t last) const {
    std::int64_t sum = 0;
    for (std::int32_t f = first; f <= last; ++f) sum += fronts_[f].entries();
    return sum;
}

std::int64_t Fronts::bytes() const {
    std::int64_t sum = 0;
    for (const Front& front : fronts_) {
        sum += sizeof(Front) + sizeof(storage_[0]) + 4 * front.updates + 4 * front.children.size();
    }
    return sum;
}

double Fronts::operations() const {
    double sum = 0.0;
    for (const Front& front : fronts_) {
        const double p = front.pivots(), u = front.updates;
        sum += p * p * p / 3.0 + p * p * u + p * u * u;
    }
    return sum;
}

}  // namespace metafast::cholesky
