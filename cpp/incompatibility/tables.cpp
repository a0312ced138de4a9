#include "incompatibility/tables.hpp"

#include <algorithm>
#include <vector>

#include "incompatibility/mismatch.hpp"

namespace metafast::incompatibility {

namespace {

// The touching pixels and the traction's size, gathered once for each cell that is a candidate.
struct Side {
    std::vector<std::uint8_t> solid;  // (used cells, side)
    std::vector<double> l1;           // (used cells)
    const double* traction;           // (all cells), of the first cell
};

constexpr int kLeft = 0, kRight = 1, kBottom = 2, kTop = 3;

// Pairs and edges handed to a worker at a time.
constexpr std::size_t kChunk = 4096;

std::size_t chunks(std::size_t count) { return (count + kChunk - 1) / kChunk; }

Side gather(const Cells& cells, const std::vector<std::int64_t>& used, int side) {
    const std::size_t h = cells.side;
    Side result;
    result.solid.resize(used.size() * h);
    result.l1.resize(used.size());
    result.traction = cells.tractions + static_cast<std::size_t>(side) * 6 * h;
    for (std::size_t i = 0; i < used.size(); ++i) {
        const std::uint8_t* cell = cells.pixels + static_cast<std::size_t>(used[i]) * h * h;
        for (std::size_t p = 0; p < h; ++p) {
            const std::size_t at = side == kLeft     ? p * h
                                   : side == kRight  ? p * h + h - 1
                                   : side == kBottom ? (h - 1) * h + p
                                                     : p;
            result.solid[i * h + p] = cell[at] != 0;
        }
        result.l1[i] = l1(result.traction + static_cast<std::size_t>(used[i]) * 24 * h, 6 * h);
    }
    return result;
}

template <class T>
void sort_unique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

void fill_table(const Candidates& candidates, const Cells& cells, Weights weights,
                Direction direction, ThreadPool& pool, double* table,
                const std::function<bool()>& should_stop) {
    const bool across = direction == Direction::horizontal;
    const std::size_t rows = across ? candidates.rows : candidates.rows - 1;
    const std::size_t cols = across ? candidates.cols - 1 : candidates.cols;
    const std::size_t labels = candidates.labels;
    const std::size_t h = cells.side;
    if (rows == 0 || cols == 0) return;

    const std::size_t entries =
        static_cast<std::size_t>(candidates.rows) * candidates.cols * labels;
    std::vector<std::int64_t> used(candidates.index, candidates.index + entries);
    sort_unique(used);
    std::vector<std::uint32_t> rank(cells.count, 0);
    for (std::size_t i = 0; i < used.size(); ++i) rank[used[i]] = static_cast<std::uint32_t>(i);
    const Side first = gather(cells, used, across ? kRight : kBottom);
    const Side second = gather(cells, used, across ? kLeft : kTop);

    auto visit = [&](std::size_t edge, auto&& entry) {
        const std::size_t r = edge / cols, c = edge % cols;
        const std::int64_t* a = candidates.index + (r * candidates.cols + c) * labels;
        const std::int64_t* b = a + (across ? 1 : candidates.cols) * labels;
        for (std::size_t i = 0; i < labels * labels; ++i) {
            entry(edge * labels * labels + i,
                  static_cast<std::uint64_t>(rank[a[i / labels]]) << 32 | rank[b[i % labels]]);
        }
    };
    std::vector<std::uint64_t> pairs(rows * cols * labels * labels);
    for (std::size_t edge = 0; edge < rows * cols; ++edge) {
        visit(edge, [&](std::size_t i, std::uint64_t key) { pairs[i] = key; });
    }
    sort_unique(pairs);

    std::vector<double> mismatch(pairs.size());
    const std::size_t batch = 64;  // chunks between two looks at `should_stop`
    for (std::size_t begin = 0; begin < chunks(pairs.size()); begin += batch) {
        if (should_stop && should_stop()) return;
        const std::size_t todo = std::min(batch, chunks(pairs.size()) - begin);
        pool.run(static_cast<int>(todo), [&](int task, int) {
            const std::size_t from = (begin + task) * kChunk;
            for (std::size_t i = from; i < std::min(from + kChunk, pairs.size()); ++i) {
                const std::size_t a = pairs[i] >> 32, b = pairs[i] & 0xffffffffu;
                const double geometric =
                    geometric_mismatch(&first.solid[a * h], &second.solid[b * h], h);
                const double mechanical = mechanical_mismatch(
                    first.traction + static_cast<std::size_t>(used[a]) * 24 * h, first.l1[a],
                    second.traction + static_cast<std::size_t>(used[b]) * 24 * h, second.l1[b],
                    6 * h);
                mismatch[i] = weights.geometric * geometric + weights.mechanical * mechanical;
            }
        });
    }
    const std::size_t edges_per_task = std::max<std::size_t>(1, kChunk / (labels * labels));
    const std::size_t tasks = (rows * cols + edges_per_task - 1) / edges_per_task;
    pool.run(static_cast<int>(tasks), [&](int task, int) {
        const std::size_t from = task * edges_per_task;
        for (std::size_t edge = from; edge < std::min(from + edges_per_task, rows * cols); ++edge) {
            visit(edge, [&](std::size_t i, std::uint64_t key) {
                table[i] = mismatch[std::lower_bound(pairs.begin(), pairs.end(), key) -
                                    pairs.begin()];
            });
        }
    });
}

}  // namespace metafast::incompatibility
