// A body of pixels with everything that the factor must cope with: holes, corner contacts, supports.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "cholesky/fronts.hpp"
#include "cholesky/pixel_rows.hpp"

namespace metafast::cholesky {

// A grid of solid pixels with holes and corner contacts, a stencil that makes a positive definite
// matrix, and a random order cut into a chain of blocks.
struct Example {
    int rows, cols;
    std::vector<std::uint8_t> code;
    std::vector<std::int32_t> dof, order, start, parent, element;
    std::vector<double> tangent;
    std::vector<double> stencil = std::vector<double>(16 * 9 * 4, 0.0);
    std::int32_t n = 0;

    Example(int pixel_rows, int pixel_cols, unsigned seed) : rows(pixel_rows + 1), cols(pixel_cols + 1) {
        std::mt19937 random(seed);
        std::vector<int> solid(pixel_rows * pixel_cols);
        for (int& pixel : solid) pixel = random() % 100 < 60;
        code.assign(rows * cols, 0);
        for (int i = 0; i < rows; ++i) {
            for (int j = 0; j < cols; ++j) {
                for (int bit = 0; bit < 4; ++bit) {
                    const int r = i - 1 + bit / 2, c = j - 1 + bit % 2;
                    if (r < 0 || c < 0 || r >= pixel_rows || c >= pixel_cols) continue;
                    if (solid[r * pixel_cols + c]) code[i * cols + j] |= 1 << bit;
                }
            }
        }
        dof.assign(2 * rows * cols, -1);
        for (int node = 0; node < rows * cols; ++node) {
            if (code[node] == 0) continue;
            const std::int32_t first = n;
            for (int p = 0; p < 2; ++p) {
                if (node > 3) dof[2 * node + p] = n++;  // the first nodes are held
            }
            if (code[node] == 9 || code[node] == 6) n += n - first;
        }
        // Every pixel couples its four corners like springs, and stands on springs of its own.
        for (int own = 0; own < 16; ++own) {
            for (int bit = 0; bit < 4; ++bit) {
                if (!(own >> bit & 1)) continue;
                for (int other = 0; other < 4; ++other) {
                    const int di = other / 2 - 1 + bit / 2, dj = other % 2 - 1 + bit % 2;
                    double* value = stencil.data() + (own * 9 + (1 + di) * 3 + 1 + dj) * 4;
                    const bool self = di == 0 && dj == 0;
                    value[0] += self ? 3.2 : -1.0;
                    value[3] += self ? 4.1 : -1.0;
                    value[1] += self ? 0.4 : -0.1;
                    value[2] += self ? 0.4 : -0.1;
                }
            }
        }
        order.resize(n);
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), random);
        for (std::int32_t at = 0; at < n; at += 7) start.push_back(at);
        for (std::size_t block = 0; block < start.size(); ++block) {
            parent.push_back(block + 1 < start.size() ? static_cast<std::int32_t>(block + 1) : -1);
        }
        start.push_back(n);
    }

    // The same body with a random symmetric tangent for each pixel; `shift` on the diagonals makes
    // the matrix definite or not.
    Example& with_tangents(double shift, unsigned seed) {
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> number(-1.0, 1.0);
        element.assign((rows - 1) * (cols - 1), -1);
        std::int32_t count = 0;
        for (int i = 0; i + 1 < rows; ++i) {
            for (int j = 0; j + 1 < cols; ++j) {
                if (code[i * cols + j] & 8) element[i * (cols - 1) + j] = count++;
            }
        }
        tangent.resize(36 * count);
        for (std::int32_t e = 0; e < count; ++e) {
            double* lower = tangent.data() + 36 * e;
            for (int r = 0; r < 8; ++r) {
                for (int c = 0; c <= r; ++c) *lower++ = number(random) + (r == c ? shift : 0.0);
            }
        }
        return *this;
    }

    PixelGrid grid() const {
        PixelGrid grid{rows, cols, code.data(), dof.data(), stencil.data()};
        if (tangent.empty()) return grid;
        grid.element = element.data();
        grid.tangent = tangent.data();
        return grid;
    }

    // K x for one column, from the rows that the factor itself reads.
    std::vector<double> times(const std::vector<double>& x) const {
        const PixelRows matrix(grid(), order.data(), n);
        std::vector<double> y(n, 0.0);
        for (std::int32_t k = 0; k < n; ++k) {
            matrix.upper(k, [&](std::int32_t m, double value) {
                y[order[k]] += value * x[order[m]];
                if (m != k) y[order[m]] += value * x[order[k]];
            });
        }
        return y;
    }
};

}  // namespace metafast::cholesky
