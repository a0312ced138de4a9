// Logarithm and exponential of vectors of doubles, right to a few units in the last place.
//
// Sums and products only, in a fixed order: every vector width gives the same numbers.
#pragma once

#include <bit>
#include <cstdint>

#include "threads/simd.hpp"

namespace metafast::hyperelastic {

// The whole numbers of the same width as V.
template <class V>
using Bits = typename Vector<sizeof(V)>::Int64;

// Some number of each lane that makes the whole number in the low bits of a double: 2^52 + 2^51.
constexpr double kRound = 6755399441055744.0;

// Natural logarithm of positive normal numbers: with x = 2^e m and s = (m - 1) / (m + 1),
// ln x = e ln 2 + 2 (s + s^3 / 3 + s^5 / 5 + ...), |s| < 0.172.
template <class V>
METAFAST_INLINE V log(V x) {
    const auto bits = std::bit_cast<Bits<V>>(x);
    // the biased exponent, moved so that the mantissa lies between sqrt(1/2) and sqrt(2); positive,
    // since not every processor shifts negative numbers
    using Unsigned = typename Vector<sizeof(V)>::Uint64;
    const auto moved = std::bit_cast<Unsigned>(bits + (0x3FF0000000000000 - 0x3FE6A09E667F3BCD));
    const Bits<V> e = std::bit_cast<Bits<V>>(moved >> 52) - 1023;
    const V m = std::bit_cast<V>(bits - (e << 52));
    const V s = (m - 1.0) / (m + 1.0), z = s * s;
    V sum = V{} + 1.0 / 21.0;
    METAFAST_UNROLL
    for (int k = 19; k >= 3; k -= 2) sum = sum * z + 1.0 / k;
    // e as a double: added to the low bits of kRound and taken off again
    const V whole = std::bit_cast<V>(e + std::bit_cast<std::int64_t>(kRound)) - kRound;
    constexpr double high = 0x1.62e42fefa38p-1, low = 0x1.ef35793c7673p-45;
    return whole * high + (2.0 * s + (2.0 * s * z * sum + whole * low));
}

// Exponential; arguments beyond +-700 count as that.
template <class V>
METAFAST_INLINE V exp(V x) {
    x = x < -700.0 ? V{} - 700.0 : x;
    x = x > 700.0 ? V{} + 700.0 : x;
    constexpr double high = 0x1.62e42fefa38p-1, low = 0x1.ef35793c7673p-45;
    const V shifted = x * 1.4426950408889634 + kRound;
    const V whole = shifted - kRound;
    const V r = (x - whole * high) - whole * low;
    V sum = V{} + 1.0 / 13.0;
    METAFAST_UNROLL
    for (int k = 12; k >= 1; --k) sum = (sum * r + 1.0) * (1.0 / k);
    sum = sum * r + 1.0;
    const auto power = std::bit_cast<Bits<V>>(shifted) << 52;
    return std::bit_cast<V>(std::bit_cast<Bits<V>>(sum) + power);
}

}  // namespace metafast::hyperelastic
