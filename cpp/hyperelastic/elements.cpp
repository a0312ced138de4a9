#include "hyperelastic/elements.hpp"

#include <algorithm>
#include <vector>

#include "threads/thread_pool.hpp"

namespace metafast::hyperelastic {

namespace {

constexpr int kChunk = 256;  // elements of a task: their forces stay in the cache
constexpr int kTasks = 4;    // per thread and round

// Gradients of the corners' shape functions at the Gauss points of a square of one unit.
struct Gradients {
    double g[4][4][2];
    constexpr Gradients() : g{} {
        constexpr double half = 0.28867513459481287;  // 1 / (2 sqrt 3)
        for (int point = 0; point < 4; ++point) {
            const double x = 0.5 + (point / 2 == 0 ? -half : half);
            const double y = 0.5 + (point % 2 == 0 ? -half : half);
            const double dx[4] = {y - 1.0, 1.0 - y, y, -y}, dy[4] = {x - 1.0, -x, x, 1.0 - x};
            for (int corner = 0; corner < 4; ++corner) {
                g[point][corner][0] = dx[corner];
                g[point][corner][1] = dy[corner];
            }
        }
    }
};
constexpr Gradients kUnit;

constexpr int lower(int row, int column) { return row * (row + 1) / 2 + column; }

// Displacements of one element a lane, times the elements per unit of length: gradients are then
// those of the unit square. The last element fills the lanes that are left over.
template <class V>
METAFAST_INLINE void gather(const Mesh& mesh, const double* u, std::int64_t first,
                            std::int64_t last, V (&own)[8]) {
    constexpr int lanes = sizeof(V) / sizeof(double);
    double turned[8][lanes];
    for (int lane = 0; lane < lanes; ++lane) {
        const std::int32_t* dofs = mesh.dofs + 8 * std::min<std::int64_t>(first + lane, last - 1);
        METAFAST_UNROLL
        for (int r = 0; r < 8; ++r) turned[r][lane] = u[dofs[r]];
    }
    METAFAST_UNROLL
    for (int r = 0; r < 8; ++r) own[r] = load<V>(turned[r]) * mesh.side;
}

template <class V>
METAFAST_INLINE void deformation(const V (&own)[8], const double (&g)[4][2], V (&f)[4]) {
    f[0] = f[3] = all<V>(1.0);
    f[1] = f[2] = V{};
    METAFAST_UNROLL
    for (int n = 0; n < 4; ++n) {
        f[0] += own[2 * n] * g[n][0];
        f[1] += own[2 * n] * g[n][1];
        f[2] += own[2 * n + 1] * g[n][0];
        f[3] += own[2 * n + 1] * g[n][1];
    }
}

// Adds J or tr E of a point to `mean`, and its derivatives by the displacements to `first`.
template <bool neo, class V>
METAFAST_INLINE void dilatation(const V (&f)[4], const double (&g)[4][2], V& mean, V (&first)[8]) {
    if constexpr (neo) {
        mean += f[0] * f[3] - f[1] * f[2];
    } else {
        mean += 0.5 * (f[0] * f[0] + f[1] * f[1] + f[2] * f[2] + f[3] * f[3] - 2.0);
    }
    METAFAST_UNROLL
    for (int n = 0; n < 4; ++n) {
        if constexpr (neo) {
            first[2 * n] += f[3] * g[n][0] - f[2] * g[n][1];
            first[2 * n + 1] += f[0] * g[n][1] - f[1] * g[n][0];
        } else {
            first[2 * n] += f[0] * g[n][0] + f[1] * g[n][1];
            first[2 * n + 1] += f[2] * g[n][0] + f[3] * g[n][1];
        }
    }
}

template <bool neo, bool strain, class V>
METAFAST_INLINE V force(const Law& law, const V (&own)[8], V (&force)[8]) {
    V energy{}, mean{}, first[8];
    METAFAST_UNROLL
    for (int r = 0; r < 8; ++r) force[r] = first[r] = V{};
    for (int point = 0; point < 4; ++point) {
        const auto& g = kUnit.g[point];
        V f[4], p[4];
        deformation(own, g, f);
        stress<neo, strain>(law, f, energy, p);
        METAFAST_UNROLL
        for (int n = 0; n < 4; ++n) {
            force[2 * n] += p[0] * g[n][0] + p[1] * g[n][1];
            force[2 * n + 1] += p[2] * g[n][0] + p[3] * g[n][1];
        }
        if constexpr (strain) dilatation<neo>(f, g, mean, first);
    }
    if constexpr (strain) {
        const auto whole = volume<neo>(law, 0.25 * mean);
        energy += 4.0 * whole.density;
        METAFAST_UNROLL
        for (int r = 0; r < 8; ++r) force[r] += whole.slope * first[r];
    }
    return energy;
}

template <int bytes, bool neo, bool strain>
METAFAST_INLINE void force_range(const Mesh& mesh, const Law& law, const double* u,
                                 std::int64_t from, std::int64_t to, double* energy,
                                 double* forces) {
    using V = typename Vector<bytes>::Double;
    constexpr int lanes = Vector<bytes>::doubles;
    // four points share the area of an element; gradients are `side` times those of the square
    const double area = 0.25 / (mesh.side * mesh.side), by_length = 0.25 / mesh.side;
    for (std::int64_t e = from; e < to; e += lanes) {
        V own[8], out[8];
        gather(mesh, u, e, to, own);
        const V density = force<neo, strain>(law, own, out);
        for (int lane = 0; lane < std::min<std::int64_t>(lanes, to - e); ++lane) {
            energy[e + lane] = area * density[lane];
            double* place = forces + 8 * (e + lane - from);
            METAFAST_UNROLL
            for (int r = 0; r < 8; ++r) place[r] = by_length * out[r][lane];
        }
    }
}

template <bool neo, bool strain, class V>
METAFAST_INLINE void tangent(const Law& law, const V (&own)[8], V (&k)[36]) {
    V mean{}, first[8];
    for (V& entry : k) entry = V{};
    METAFAST_UNROLL
    for (int r = 0; r < 8; ++r) first[r] = V{};
    for (int point = 0; point < 4; ++point) {
        const auto& g = kUnit.g[point];
        V f[4], a[10];
        deformation(own, g, f);
        moduli<neo, strain>(law, f, a);
        METAFAST_UNROLL
        for (int c = 0; c < 8; ++c) {
            const int one = 2 * (c % 2), two = one + 1;
            V t[4];  // dP by this displacement
            METAFAST_UNROLL
            for (int r = 0; r < 4; ++r) {
                t[r] = a[lower(std::max(r, one), std::min(r, one))] * g[c / 2][0] +
                       a[lower(std::max(r, two), std::min(r, two))] * g[c / 2][1];
            }
            METAFAST_UNROLL
            for (int r = c; r < 8; ++r) {
                const int i = 2 * (r % 2);
                k[lower(r, c)] += t[i] * g[r / 2][0] + t[i + 1] * g[r / 2][1];
            }
        }
        if constexpr (strain) dilatation<neo>(f, g, mean, first);
    }
    if constexpr (strain) {
        const auto whole = volume<neo>(law, 0.25 * mean);
        METAFAST_UNROLL
        for (int r = 0; r < 8; ++r) {
            for (int c = 0; c <= r; ++c) {
                double second = 0.0;  // derivative of `first`, the same for every deformation
                for (const auto& g : kUnit.g) {
                    const auto &n = g[r / 2], &m = g[c / 2];
                    if (neo && r % 2 != c % 2) {
                        const double cross = n[0] * m[1] - n[1] * m[0];
                        second += r % 2 == 0 ? cross : -cross;
                    } else if (!neo && r % 2 == c % 2) {
                        second += n[0] * m[0] + n[1] * m[1];
                    }
                }
                k[lower(r, c)] += 0.25 * whole.bend * first[r] * first[c] + whole.slope * second;
            }
        }
    }
}

template <int bytes, bool neo, bool strain>
METAFAST_INLINE void tangent_range(const Mesh& mesh, const Law& law, const double* u,
                                   std::int64_t from, std::int64_t to, double* tangents) {
    using V = typename Vector<bytes>::Double;
    constexpr int lanes = Vector<bytes>::doubles;
    for (std::int64_t e = from; e < to; e += lanes) {
        V own[8], k[36];
        gather(mesh, u, e, to, own);
        tangent<neo, strain>(law, own, k);
        for (int lane = 0; lane < std::min<std::int64_t>(lanes, to - e); ++lane) {
            double* place = tangents + 36 * (e + lane);
            for (int entry = 0; entry < 36; ++entry) place[entry] = 0.25 * k[entry][lane];
        }
    }
}

template <bool neo, bool strain>
void point_range(const Law& law, const double* f, std::int64_t count, double* energy,
                 double* stress_, double* across, double* moduli_) {
    using V = Vector<16>::Double;  // both lanes are the same point
    for (std::int64_t k = 0; k < count; ++k) {
        V own[4], p[4], a[10], density{};
        for (int r = 0; r < 4; ++r) own[r] = V{f[4 * k + r], f[4 * k + r]};
        stress<neo, strain>(law, own, density, p);
        energy[k] = density[0];
        for (int r = 0; r < 4; ++r) stress_[4 * k + r] = p[r][0];
        across[k] = 0.0;
        if constexpr (neo && !strain) {
            across[k] = thickness(law, log(safe(determinant(own)))).log[0];
        }
        if (moduli_ == nullptr) continue;
        moduli<neo, strain>(law, own, a);
        for (int r = 0; r < 10; ++r) moduli_[10 * k + r] = a[r][0];
    }
}

// Calls `function` with the kind of law as constants.
template <class Function>
METAFAST_INLINE void with_kind(const Law& law, const Function& function) {
    if (law.neo_hookean) {
        if (law.plane_strain) return function.template operator()<true, true>();
        return function.template operator()<true, false>();
    }
    if (law.plane_strain) return function.template operator()<false, true>();
    return function.template operator()<false, false>();
}

template <int bytes>
METAFAST_INLINE void forces_of(const Mesh& mesh, const Law& law, const double* u,
                               std::int64_t from, std::int64_t to, double* energy,
                               double* forces) {
    with_kind(law, [&]<bool neo, bool strain>() __attribute__((always_inline)) {
        force_range<bytes, neo, strain>(mesh, law, u, from, to, energy, forces);
    });
}

template <int bytes>
METAFAST_INLINE void tangents_of(const Mesh& mesh, const Law& law, const double* u,
                                 std::int64_t from, std::int64_t to, double* tangents) {
    with_kind(law, [&]<bool neo, bool strain>() __attribute__((always_inline)) {
        tangent_range<bytes, neo, strain>(mesh, law, u, from, to, tangents);
    });
}

METAFAST_DISPATCH(force_chunk, forces_of,
                  (const Mesh& mesh, const Law& law, const double* u, std::int64_t from,
                   std::int64_t to, double* energy, double* forces),
                  (mesh, law, u, from, to, energy, forces))
METAFAST_DISPATCH(tangent_chunk, tangents_of,
                  (const Mesh& mesh, const Law& law, const double* u, std::int64_t from,
                   std::int64_t to, double* tangents),
                  (mesh, law, u, from, to, tangents))

int chunks(std::int64_t elements) {
    return static_cast<int>((elements + kChunk - 1) / kChunk);
}

}  // namespace

void forces(const Mesh& mesh, const Law& law, const double* u, int threads, double* energy,
            double* total) {
    ThreadPool pool(std::min(threads, chunks(mesh.count)));
    const std::int64_t most = static_cast<std::int64_t>(pool.size()) * kTasks * kChunk;
    std::vector<double> own(8 * std::min(most, mesh.count));
    for (std::int64_t begin = 0; begin < mesh.count; begin += most) {
        const std::int64_t end = std::min(begin + most, mesh.count);
        pool.run(chunks(end - begin), [&](int chunk, int) {
            const std::int64_t from = begin + static_cast<std::int64_t>(chunk) * kChunk;
            force_chunk(mesh, law, u, from, std::min(from + kChunk, end), energy,
                        own.data() + 8 * (from - begin));
        });
        const std::int32_t* dofs = mesh.dofs + 8 * begin;
        for (std::int64_t k = 0; k < 8 * (end - begin); ++k) total[dofs[k]] += own[k];
    }
}

void tangents(const Mesh& mesh, const Law& law, const double* u, int threads, double* tangent) {
    ThreadPool pool(std::min(threads, chunks(mesh.count)));
    pool.run(chunks(mesh.count), [&](int chunk, int) {
        const std::int64_t from = static_cast<std::int64_t>(chunk) * kChunk;
        tangent_chunk(mesh, law, u, from, std::min(from + kChunk, mesh.count), tangent);
    });
}

void add_products(const Mesh& mesh, const double* tangent, const double* u, double* total) {
    for (std::int64_t e = 0; e < mesh.count; ++e) {
        const std::int32_t* dofs = mesh.dofs + 8 * e;
        const double* k = tangent + 36 * e;
        for (int r = 0; r < 8; ++r) {
            for (int c = 0; c < r; ++c, ++k) {
                total[dofs[r]] += *k * u[dofs[c]];
                total[dofs[c]] += *k * u[dofs[r]];
            }
            total[dofs[r]] += *k++ * u[dofs[r]];
        }
    }
}

void points(const Law& law, const double* f, std::int64_t count, double* energy, double* stress,
            double* across, double* moduli) {
    with_kind(law, [&]<bool neo, bool strain>() {
        point_range<neo, strain>(law, f, count, energy, stress, across, moduli);
    });
}

}  // namespace metafast::hyperelastic
