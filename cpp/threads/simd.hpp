// Run-time dispatch of hot kernels to the widest vectors of the processor.
//
// A kernel is a template over the vector size in bytes (16, 32, 64), written with the compiler's
// generic vectors (GCC, Clang) and inlined into three functions compiled for three x86-64 levels.
// Elsewhere, NEON say, the 16-byte one runs. Results do not depend on the level: contraction into
// FMA is off (but for cholesky/small_front.cpp), and the order of every sum is fixed. No ifunc, so
// sanitizers work.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>

#define METAFAST_INLINE inline __attribute__((always_inline))

// Before loops over a handful of registers: not unrolled, they would go through memory.
#define METAFAST_UNROLL _Pragma("GCC unroll 16")

#if defined(__x86_64__)
#define METAFAST_TARGET_32 __attribute__((target("avx2,fma,bmi2")))
#define METAFAST_TARGET_64 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,bmi2")))

namespace metafast {

// Bytes of the widest vector worth using here; the environment variable METAFAST_VECTOR_BYTES (16,
// 32 or 64) sets a lower limit, for tests.
inline int vector_bytes() {
    static const int bytes = [] {
        const char* limit = std::getenv("METAFAST_VECTOR_BYTES");
        const int most = limit != nullptr ? std::atoi(limit) : 64;
        if (most >= 64 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
            return 64;
        }
        const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                          __builtin_cpu_supports("bmi2");
        return most >= 32 && wide ? 32 : 16;
    }();
    return bytes;
}

}  // namespace metafast

// Defines void name(parameters), which calls kernel<bytes>(arguments) for the processor at hand.
#define METAFAST_DISPATCH(name, kernel, parameters, arguments)                     \
    METAFAST_TARGET_64 static void name##_64 parameters { kernel<64> arguments; }  \
    METAFAST_TARGET_32 static void name##_32 parameters { kernel<32> arguments; }  \
    static void name parameters {                                                  \
        switch (metafast::vector_bytes()) {                                        \
            case 64: return name##_64 arguments;                                   \
            case 32: return name##_32 arguments;                                   \
            default: return kernel<16> arguments;                                  \
        }                                                                          \
    }
#else
#define METAFAST_DISPATCH(name, kernel, parameters, arguments) \
    static void name parameters { return kernel<16> arguments; }
#endif

namespace metafast {

// Vectors of `bytes` bytes, with as many integers of the same width to hold arguments of minima.
template <int bytes>
struct Vector {
    static constexpr int floats = bytes / 4;
    static constexpr int doubles = bytes / 8;
    typedef float Float __attribute__((vector_size(bytes)));
    typedef std::int32_t Int32 __attribute__((vector_size(bytes)));
    typedef double Double __attribute__((vector_size(bytes)));
    typedef std::int64_t Int64 __attribute__((vector_size(bytes)));
    typedef std::uint64_t Uint64 __attribute__((vector_size(bytes)));
    typedef std::uint16_t Label32 __attribute__((vector_size(bytes / 2)));
    typedef std::uint16_t Label64 __attribute__((vector_size(bytes / 4)));
};

template <class V, class T>
METAFAST_INLINE V load(const T* from) {
    V vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
}

template <class V, class T>
METAFAST_INLINE void store(T* to, const V& vector) {
    std::memcpy(to, &vector, sizeof vector);
}

}  // namespace metafast
