// Energy, forces and tangents of square bilinear elements, 2 x 2 Gauss points, total Lagrangian.
//
// The lanes of a vector are elements. Threads evaluate elements by chunks, and one of them adds the
// forces up in the order of the elements: the result does not depend on their number.
#pragma once

#include <cstdint>

#include "hyperelastic/law.hpp"

namespace metafast::hyperelastic {

// Elements with numbered degrees of freedom.
struct Mesh {
    const std::int32_t* dofs;  // (count, 8), corners counterclockwise from the lower left
    std::int64_t count;
    double side;  // elements per unit of length
};

// Writes the energy (count) of every element, infinite if it is turned inside out, and adds its
// forces on the nodes to `total`.
void forces(const Mesh& mesh, const Law& law, const double* u, int threads, double* energy,
            double* total);

// Writes the lower triangles (count, 36) of the tangents by rows.
void tangents(const Mesh& mesh, const Law& law, const double* u, int threads, double* tangent);

// Adds the product of the tangents (count, 36) with `u` to `total`.
void add_products(const Mesh& mesh, const double* tangent, const double* u, double* total);

// The law at points (count, 4) of given deformation gradients: energy density, first Piola-Kirchhoff
// stress (count, 4) and logarithm of the squared stretch across the plane, 0 but for neo-Hooke in
// plane stress; where `moduli` is not null, also the lower triangles (count, 10) of dP/dF.
void points(const Law& law, const double* f, std::int64_t count, double* energy, double* stress,
            double* across, double* moduli);

}  // namespace metafast::hyperelastic
