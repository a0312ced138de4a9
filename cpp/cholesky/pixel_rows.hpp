// Rows of the stiffness of solid pixels, without a matrix: a node's row is one of sixteen stencils.
//
// Node grid, codes, copies of nodes and numbers are those of metafast/structure/nodes.py: a code has
// a bit for each solid pixel around a node; where two pixels touch only at a corner the node has two
// copies, numbered one after the other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace metafast::cholesky {

struct PixelGrid {
    int rows, cols;            // nodes
    const std::uint8_t* code;  // (rows, cols)
    const std::int32_t* dof;   // (rows, cols, 2): number of the free degree, -1 = none
    const double* stencil;     // (16, 3, 3, 2, 2)
    // or, where every pixel has a tangent of its own, its number (rows-1, cols-1), -1 = void, and
    // the lower triangles (elements, 36) by rows; corners counterclockwise from the lower left
    const std::int32_t* element = nullptr;
    const double* tangent = nullptr;
};

class PixelRows {
public:
    // `order[k]` is the number of the degree of freedom that is eliminated k-th; n of them.
    PixelRows(const PixelGrid& grid, const std::int32_t* order, std::int32_t n);

    std::int32_t size() const { return static_cast<std::int32_t>(order_.size()); }
    std::int32_t order(std::int32_t k) const { return order_[k]; }

    // Calls found(m, value) for the entries of row k in columns m >= k, both in elimination order.
    template <class Found>
    void upper(std::int32_t k, Found found) const {
        if (grid_.tangent) return upper_of_elements(k, found);
        const Place place = places_[order_[k]];
        const int own = pixels_of(grid_.code[node(place.i, place.j)], place.copy);
        for (int di = -1; di <= 1; ++di) {
            for (int dj = -1; dj <= 1; ++dj) {
                const double* value =
                    grid_.stencil + ((own * 9 + (1 + di) * 3 + 1 + dj) * 2 + place.p) * 2;
                const bool self = di == 0 && dj == 0;
                if (!self && value[0] == 0.0 && value[1] == 0.0) continue;
                const int i = place.i + di, j = place.j + dj;
                const int copy = self ? place.copy : copy_towards(grid_.code[node(i, j)], di, dj);
                for (int q = 0; q < 2; ++q) {
                    const std::int32_t m = number(i, j, q, copy);
                    if (m < 0 || (value[q] == 0.0 && !(self && q == place.p))) continue;
                    if (const std::int32_t at = inverse_[m]; at >= k) found(at, value[q]);
                }
            }
        }
    }

private:
    // The same with an entry for each pixel that contributes to it.
    template <class Found>
    void upper_of_elements(std::int32_t k, Found found) const {
        static constexpr int kRow[] = {1, 1, 0, 0}, kColumn[] = {0, 1, 1, 0};  // of the corners
        static constexpr int kCorner[] = {1, 0, 2, 3};  // that a node is, by the pixel's bit
        const Place place = places_[order_[k]];
        const int own = pixels_of(grid_.code[node(place.i, place.j)], place.copy);
        for (int bit = 0; bit < 4; ++bit) {
            if (!(own >> bit & 1)) continue;
            const int i = place.i - 1 + bit / 2, j = place.j - 1 + bit % 2;  // the pixel
            const std::int64_t pixel = static_cast<std::int64_t>(i) * (grid_.cols - 1) + j;
            const double* lower = grid_.tangent + std::int64_t{36} * grid_.element[pixel];
            const int row = 2 * kCorner[bit] + place.p;
            for (int corner = 0; corner < 4; ++corner) {
                const int r = i + kRow[corner], c = j + kColumn[corner];
                const int copy = copy_in(grid_.code[node(r, c)], kRow[corner] == 0);
                for (int q = 0; q < 2; ++q) {
                    const std::int32_t m = number(r, c, q, copy);
                    if (m < 0) continue;
                    if (const std::int32_t at = inverse_[m]; at >= k) {
                        const int column = 2 * corner + q;
                        const int high = std::max(row, column), low = std::min(row, column);
                        found(at, lower[high * (high + 1) / 2 + low]);
                    }
                }
            }
        }
    }

    struct Place {
        std::int32_t i : 31;
        std::uint32_t p : 1;
        std::int32_t j : 31;
        std::uint32_t copy : 1;
    };

    std::int64_t node(int i, int j) const { return static_cast<std::int64_t>(i) * grid_.cols + j; }
    static int copies(int code) { return code == kFalling || code == kRising ? 2 : 1; }
    static int pixels_of(int code, int copy) {
        if (copies(code) == 1) return code;
        return code & (copy == 1 ? kBelow : kAbove);
    }
    // Copy of a node for one of its pixels, which lies below the node or above it.
    static int copy_in(int code, bool below) { return copies(code) == 2 && below ? 1 : 0; }
    static int copy_towards(int code, int di, int dj) {
        if (copies(code) == 1) return 0;
        if (di != 0) return di < 0 ? 1 : 0;
        return (code == kFalling) == (dj < 0) ? 1 : 0;
    }
    std::int32_t number(int i, int j, int p, int copy) const {
        const std::int32_t* free = grid_.dof + 2 * node(i, j);
        if (free[p] < 0 || copy == 0) return free[p];
        return free[p] + (free[0] >= 0) + (free[1] >= 0);
    }

    static constexpr int kFalling = 9, kRising = 6, kAbove = 3, kBelow = 12;
    PixelGrid grid_;
    std::vector<std::int32_t> order_, inverse_;
    std::vector<Place> places_;
};

}  // namespace metafast::cholesky
