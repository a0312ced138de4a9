#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "threads/simd.hpp"

namespace metafast {
namespace {

// out[i] = (a[i] + b[i]) * b[i], in vectors and a rest.
template <int bytes>
METAFAST_INLINE void combine_kernel(const double* a, const double* b, std::size_t count,
                                    double* out, int* width) {
    using Double = typename Vector<bytes>::Double;
    constexpr std::size_t wide = Vector<bytes>::doubles;
    std::size_t i = 0;
    for (; i + wide <= count; i += wide) {
        const Double right = load<Double>(b + i);
        store(out + i, (load<Double>(a + i) + right) * right);
    }
    for (; i < count; ++i) out[i] = (a[i] + b[i]) * b[i];
    *width = bytes;
}

METAFAST_DISPATCH(combine, combine_kernel,
                  (const double* a, const double* b, std::size_t count, double* out, int* width),
                  (a, b, count, out, width))

struct Numbers {
    std::vector<double> a, b, out;
    int width = 0;
    explicit Numbers(std::size_t count) : a(count), b(count), out(count) {
        for (std::size_t i = 0; i < count; ++i) a[i] = std::sin(i), b[i] = std::cos(3.0 * i) / 3.0;
    }
};

TEST(Simd, DispatchesToTheKernelOfTheProcessorWithTheSameResult) {
    for (std::size_t count = 0; count < 40; ++count) {
        Numbers here(count), plain(count);
        combine(here.a.data(), here.b.data(), count, here.out.data(), &here.width);
        combine_kernel<16>(plain.a.data(), plain.b.data(), count, plain.out.data(), &plain.width);
        EXPECT_EQ(here.out, plain.out);  // to the bit: no contraction into FMA
#if defined(__x86_64__)
        EXPECT_EQ(here.width, vector_bytes());
        if (vector_bytes() == 64) {
            Numbers middle(count);
            combine_32(middle.a.data(), middle.b.data(), count, middle.out.data(), &middle.width);
            EXPECT_EQ(middle.out, plain.out);
            EXPECT_EQ(middle.width, 32);
        }
#endif
    }
}

TEST(Simd, VectorsHaveAnIntegerForEveryNumber) {
    EXPECT_EQ(sizeof(Vector<16>::Float), sizeof(Vector<16>::Int32));
    EXPECT_EQ(sizeof(Vector<32>::Double), sizeof(Vector<32>::Int64));
    EXPECT_EQ(sizeof(Vector<64>::Label32) / sizeof(std::uint16_t),
              static_cast<std::size_t>(Vector<64>::floats));
    EXPECT_EQ(sizeof(Vector<64>::Label64) / sizeof(std::uint16_t),
              static_cast<std::size_t>(Vector<64>::doubles));
}

TEST(Simd, LoadsAndStoresAnywhere) {
    std::vector<float> from(20), to(20);
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
    for (std::size_t begin = 0; begin < 5; ++begin) {  // not aligned
        store(to.data() + begin, load<Vector<16>::Float>(from.data() + begin));
        for (std::size_t i = begin; i < begin + 4; ++i) EXPECT_EQ(to[i], from[i]);
    }
}

}  // namespace
}  // namespace metafast
