#include "incompatibility/mismatch.hpp"

#include <algorithm>
#include <cmath>

#include "threads/simd.hpp"

namespace metafast::incompatibility {

namespace {

// Eight partial sums, whatever the vector size, so that every processor rounds alike.
constexpr int kPartial = 8;

template <int bytes>
METAFAST_INLINE void l1_of_sum_kernel(const double* a, const double* b, std::size_t count,
                                      double* result) {
    using Double = typename Vector<bytes>::Double;
    constexpr int wide = Vector<bytes>::doubles;
    Double sum[kPartial / wide] = {};
    std::size_t i = 0;
    for (; i + kPartial <= count; i += kPartial) {
        for (int part = 0; part < kPartial / wide; ++part) {
            const Double both =
                load<Double>(a + i + part * wide) + load<Double>(b + i + part * wide);
            sum[part] += both < 0.0 ? -both : both;
        }
    }
    double partial[kPartial];
    std::memcpy(partial, sum, sizeof sum);
    for (; i < count; ++i) partial[i % kPartial] += std::fabs(a[i] + b[i]);
    double total = 0.0;
    for (const double value : partial) total += value;
    *result = total;
}

METAFAST_DISPATCH(l1_of_sum_into, l1_of_sum_kernel,
                  (const double* a, const double* b, std::size_t count, double* result),
                  (a, b, count, result))

}  // namespace

double geometric_mismatch(const std::uint8_t* a, const std::uint8_t* b, std::size_t count) {
    std::size_t solid_a = 0, solid_b = 0, both = 0;
    for (std::size_t i = 0; i < count; ++i) {
        solid_a += a[i];
        solid_b += b[i];
        both += a[i] & b[i];
    }
    if (solid_a == 0 || solid_b == 0) return 1.0;
    const std::size_t either = solid_a + solid_b - both;
    return static_cast<double>(either - both) / static_cast<double>(either);
}

double l1_of_sum(const double* a, const double* b, std::size_t count) {
    double result;
    l1_of_sum_into(a, b, count, &result);
    return result;
}

double l1(const double* a, std::size_t count) {
    return 0.5 * l1_of_sum(a, a, count);  // doubling and halving are exact
}

double mechanical_mismatch(const double* a, double l1_a, const double* b, double l1_b,
                           std::size_t count) {
    const double size = l1_a + l1_b;
    if (size == 0.0) return 0.0;
    return std::min(l1_of_sum(a, b, count) / size, 1.0);
}

}  // namespace metafast::incompatibility
