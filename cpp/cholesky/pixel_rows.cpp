#include "cholesky/pixel_rows.hpp"

namespace metafast::cholesky {

PixelRows::PixelRows(const PixelGrid& grid, const std::int32_t* order, std::int32_t n)
    : grid_(grid), order_(order, order + n), inverse_(n), places_(n) {
    for (std::int32_t k = 0; k < n; ++k) inverse_[order[k]] = k;
    for (int i = 0; i < grid.rows; ++i) {
        for (int j = 0; j < grid.cols; ++j) {
            const int code = grid.code[node(i, j)];
            if (code == 0) continue;
            for (int copy = 0; copy < copies(code); ++copy) {
                for (int p = 0; p < 2; ++p) {
                    const std::int32_t k = number(i, j, p, copy);
                    if (k >= 0) {
                        places_[k] = {i, static_cast<std::uint32_t>(p), j,
                                      static_cast<std::uint32_t>(copy)};
                    }
                }
            }
        }
    }
}

}  // namespace metafast::cholesky
