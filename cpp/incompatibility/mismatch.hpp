// Mismatch of two cells across the side they share (paper Eq. 17), for one pair of sides.
//
//   solid     (side)                 1 = solid, the pixel row or column that touches
//   traction  (3, side, 2)   outward traction under three unit strains; 2 = (x, y)
//
// Two cells fit when their solids match and their tractions are opposite: t_a = -t_b.
#pragma once

#include <cstddef>
#include <cstdint>

namespace metafast::incompatibility {

// |a xor b| / |a or b|; 1 if either side has no solid.
double geometric_mismatch(const std::uint8_t* a, const std::uint8_t* b, std::size_t count);

// ||a + b||_1, in a fixed order of summation.
double l1_of_sum(const double* a, const double* b, std::size_t count);

// ||a||_1, in the same order.
double l1(const double* a, std::size_t count);

// ||a + b||_1 / (||a||_1 + ||b||_1), at most 1; 0 if both vanish.
double mechanical_mismatch(const double* a, double l1_a, const double* b, double l1_b,
                           std::size_t count);

}  // namespace metafast::incompatibility
