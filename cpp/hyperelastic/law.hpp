// Hyperelastic laws at a point of the plane: energy, first Piola-Kirchhoff stress and its moduli.
//
// The equations are those of metafast.structure.finite.laws, written for the deformation gradient F
// so that no strain is formed. With H = F^-T and cof F = J2 H the cofactors of F,
//
//     neo-Hooke       P = mu F - m H       dP/dF = mu I + (m + a) H (x) H - (m / J2) dcof/dF
//     St. Venant      P = F S(E)           dP/dF = S (x) I + sum D_IJ b_I b_J
//
// with b_I = dE_I/dF for E11, E22 and the engineering shear 2 E12.
//
// Legend
//   f        F11, F12, F21, F22, in this order also P and the rows of the moduli
//   moduli   lower triangle of dP/dF by rows, ten numbers
#pragma once

#include "hyperelastic/functions.hpp"

namespace metafast::hyperelastic {

struct Law {
    bool neo_hookean, plane_strain;
    double mu, lam;         // Lame's constants
    double d11, d12, d33;   // linear stiffness of a point: without lam in plane strain
};

// The number in every lane.
template <class V>
METAFAST_INLINE V all(double number) {
    return V{} + number;
}

template <class Mask>
METAFAST_INLINE bool any(Mask mask) {
    for (unsigned lane = 0; lane < sizeof(Mask) / sizeof(mask[0]); ++lane) {
        if (mask[lane]) return true;
    }
    return false;
}

// Stretch across the plane of neo-Hooke in plane stress.
template <class V>
struct Thickness {
    V log, square;  // ln c33 and c33
};

// By Newton's iteration. What a lane does depends on that lane only: it rests when it has converged,
// and takes the exponential or its series by the size of its own step.
template <class V>
METAFAST_INLINE Thickness<V> thickness(const Law& law, V log_j) {
    V x = log_j * (-2.0 * law.lam / (law.lam + 2.0 * law.mu));
    V c = exp(x);
    auto moving = x == x;
    for (int iteration = 0; iteration < 50; ++iteration) {
        const V rising = law.mu * c, slope = rising + 0.5 * law.lam;
        const V newton = (law.mu * (c - 1.0) + law.lam * (log_j + 0.5 * x)) / slope;
        const V whole = newton / (1.0 - 0.5 * newton * rising / slope);  // Halley's: cubic
        const V step = moving ? whole : V{};
        x -= step;
        // exp(-step) to the last bit
        const V series = 1.0 - step * (1.0 - step * (0.5 - step * (1.0 / 6.0 - step * (1.0 / 24.0 -
                                       step * (1.0 / 120.0 - step * (1.0 / 720.0))))));
        const auto large = step > 1e-2 || step < -1e-2;
        c *= series;
        if (any(large)) c = large ? exp(x) : c;
        moving = step > 1e-5 || step < -1e-5;
        if (!any(moving)) break;
    }
    return {x, c};
}

template <class V>
METAFAST_INLINE V determinant(const V (&f)[4]) {
    return f[0] * f[3] - f[1] * f[2];
}

// The determinant, or 1 where matter is turned inside out: whatever follows is then dropped.
template <class V>
METAFAST_INLINE V safe(V det) {
    return det > 0.0 ? det : all<V>(1.0);
}

template <bool neo, bool strain, class V>
METAFAST_INLINE void stress(const Law& law, const V (&f)[4], V& energy, V (&p)[4]) {
    const V signed_det = determinant(f), det = safe(signed_det);
    V density;
    if constexpr (neo) {
        const V log_j = log(det);
        const V squares = f[0] * f[0] + f[1] * f[1] + f[2] * f[2] + f[3] * f[3];
        V m = all<V>(law.mu);
        density = (0.5 * law.mu) * (squares - 2.0);
        if constexpr (strain) {
            density -= law.mu * log_j;
        } else {
            const auto across = thickness(law, log_j);
            const V whole = log_j + 0.5 * across.log;
            m = law.mu * across.square;
            density += 0.5 * (m - law.mu) - law.mu * whole + (0.5 * law.lam) * whole * whole;
        }
        const V over = m / det;
        p[0] = law.mu * f[0] - over * f[3];
        p[1] = law.mu * f[1] + over * f[2];
        p[2] = law.mu * f[2] + over * f[1];
        p[3] = law.mu * f[3] - over * f[0];
    } else {
        const V e11 = 0.5 * (f[0] * f[0] + f[2] * f[2] - 1.0);
        const V e22 = 0.5 * (f[1] * f[1] + f[3] * f[3] - 1.0);
        const V shear = f[0] * f[1] + f[2] * f[3];
        const V s11 = law.d11 * e11 + law.d12 * e22, s22 = law.d12 * e11 + law.d11 * e22;
        const V s12 = law.d33 * shear;
        density = 0.5 * (s11 * e11 + s22 * e22 + s12 * shear);
        p[0] = f[0] * s11 + f[1] * s12;
        p[1] = f[0] * s12 + f[1] * s22;
        p[2] = f[2] * s11 + f[3] * s12;
        p[3] = f[2] * s12 + f[3] * s22;
    }
    energy = signed_det > 0.0 ? energy + density : all<V>(__builtin_inf());
}

template <bool neo, bool strain, class V>
METAFAST_INLINE void moduli(const Law& law, const V (&f)[4], V (&a)[10]) {
    if constexpr (neo) {
        const V det = safe(determinant(f));
        V m = all<V>(law.mu), kappa = m;
        if constexpr (!strain) {
            m = law.mu * thickness(law, log(det)).square;
            kappa = m + (2.0 * law.lam) * m / (law.lam + 2.0 * m);
        }
        const V h[4] = {f[3] / det, -f[2] / det, -f[1] / det, f[0] / det}, q = m / det;
        int place = 0;
        METAFAST_UNROLL
        for (int r = 0; r < 4; ++r) {
            METAFAST_UNROLL
            for (int c = 0; c <= r; ++c) a[place++] = kappa * h[r] * h[c];
            a[place - 1] += law.mu;
        }
        a[4] += q;  // (21, 12)
        a[6] -= q;  // (22, 11)
    } else {
        const V e11 = 0.5 * (f[0] * f[0] + f[2] * f[2] - 1.0);
        const V e22 = 0.5 * (f[1] * f[1] + f[3] * f[3] - 1.0);
        const V s11 = law.d11 * e11 + law.d12 * e22, s22 = law.d12 * e11 + law.d11 * e22;
        const V s12 = law.d33 * (f[0] * f[1] + f[2] * f[3]);
        const double d11 = law.d11, mixed = law.d12 + law.d33;
        a[0] = s11 + d11 * f[0] * f[0] + law.d33 * f[1] * f[1];
        a[1] = s12 + mixed * f[0] * f[1];
        a[2] = s22 + d11 * f[1] * f[1] + law.d33 * f[0] * f[0];
        a[3] = d11 * f[0] * f[2] + law.d33 * f[1] * f[3];
        a[4] = law.d12 * f[1] * f[2] + law.d33 * f[0] * f[3];
        a[5] = s11 + d11 * f[2] * f[2] + law.d33 * f[3] * f[3];
        a[6] = law.d12 * f[0] * f[3] + law.d33 * f[1] * f[2];
        a[7] = d11 * f[1] * f[3] + law.d33 * f[0] * f[2];
        a[8] = s12 + mixed * f[2] * f[3];
        a[9] = s22 + d11 * f[3] * f[3] + law.d33 * f[2] * f[2];
    }
}

// Energy density of an element's mean dilatation in plane strain, and its first two derivatives.
template <class V>
struct Volume {
    V density, slope, bend;
};

template <bool neo, class V>
METAFAST_INLINE Volume<V> volume(const Law& law, V mean) {
    if constexpr (neo) {
        const V j = safe(mean), ln = log(j);
        return {(0.5 * law.lam) * ln * ln, law.lam * ln / j, law.lam * (1.0 - ln) / (j * j)};
    } else {
        return {(0.5 * law.lam) * mean * mean, law.lam * mean, all<V>(law.lam)};
    }
}

}  // namespace metafast::hyperelastic
