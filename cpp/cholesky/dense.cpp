#include "cholesky/dense.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace metafast::cholesky {

namespace {

constexpr double kOne = 1.0, kMinus = -1.0;
constexpr int kTile = 256;        // rows and columns of a tile
constexpr int kSmall = 160, kSmallPivots = 48;  // rows and pivots where BLAS does not pay
constexpr int kWorthTiles = 384;  // smaller fronts are done by the calling thread alone

struct Range {
    int first, count;
};

std::vector<Range> tiles(int first, int last) {
    std::vector<Range> parts;
    for (int at = first; at < last; at += kTile) parts.push_back({at, std::min(kTile, last - at)});
    return parts;
}

}  // namespace

int eliminate(const Blas& blas, const Dense& front) {
    const int p = front.pivots, u = front.updates, n = front.size();
    if (p <= kSmallPivots && n <= kSmall) return eliminate_small(front);
    int info = 0;
    blas.potrf("L", &p, front.columns, &n, &info);
    if (info != 0 || u == 0) return info;
    blas.trsm("R", "L", "T", "N", &u, &p, &kOne, front.columns, &n, front.columns + p, &n);
    blas.syrk("L", "N", &u, &p, &kMinus, front.columns + p, &n, &kOne, front.update, &u);
    return 0;
}

int eliminate(const Blas& blas, const Dense& front, ThreadPool& pool,
              const std::function<bool()>& stop) {
    const int p = front.pivots, u = front.updates, n = front.size();
    if (n < kWorthTiles) return eliminate(blas, front);
    double* a = front.columns;
    const auto at = [&](int row, int column) {
        return a + static_cast<std::ptrdiff_t>(column) * n + row;
    };
    // Left-looking: a block column takes what all earlier ones do to it, then is factorised.
    for (const Range block : tiles(0, p)) {
        if (stop && stop()) return kStopped;
        const std::vector<Range> below = tiles(block.first, n);
        if (block.first > 0) {
            pool.run(static_cast<int>(below.size()), [&](int t, int) {
                const Range rows = below[t];
                blas.gemm("N", "T", &rows.count, &block.count, &block.first, &kMinus,
                          at(rows.first, 0), &n, at(block.first, 0), &n, &kOne,
                          at(rows.first, block.first), &n);
            });
        }
        int info = 0;
        blas.potrf("L", &block.count, at(block.first, block.first), &n, &info);
        if (info != 0) return block.first + info;
        const std::vector<Range> rest = tiles(block.first + block.count, n);
        pool.run(static_cast<int>(rest.size()), [&](int t, int) {
            const Range rows = rest[t];
            blas.trsm("R", "L", "T", "N", &rows.count, &block.count, &kOne,
                      at(block.first, block.first), &n, at(rows.first, block.first), &n);
        });
    }
    if (stop && stop()) return kStopped;
    const std::vector<Range> parts = tiles(0, u);
    const int side = static_cast<int>(parts.size());
    pool.run(side * (side + 1) / 2, [&](int index, int) {
        int i = 0;
        while (index > i) index -= ++i;  // row i of the lower triangle has tiles 0..i
        const Range rows = parts[i], cols = parts[index];
        double* target = front.update + static_cast<std::ptrdiff_t>(cols.first) * u + rows.first;
        if (i == index) {
            blas.syrk("L", "N", &rows.count, &p, &kMinus, at(p + rows.first, 0), &n, &kOne, target,
                      &u);
        } else {
            blas.gemm("N", "T", &rows.count, &cols.count, &p, &kMinus, at(p + rows.first, 0), &n,
                      at(p + cols.first, 0), &n, &kOne, target, &u);
        }
    });
    return 0;
}

}  // namespace metafast::cholesky
