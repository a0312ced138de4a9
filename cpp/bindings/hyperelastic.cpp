#include <pybind11/stl.h>

#include <optional>

#include "bindings/bindings.hpp"
#include "hyperelastic/elements.hpp"

namespace metafast::bindings {

namespace {

using Numbers = py::array_t<std::int32_t, py::array::c_style>;

hyperelastic::Law law_of(const py::object& law) {
    const auto number = [&](const char* name) { return law.attr(name).cast<double>(); };
    return {law.attr("neo_hookean").cast<bool>(), law.attr("plane_strain").cast<bool>(),
            number("mu"), number("lam"), number("d11"), number("d12"), number("d33")};
}

hyperelastic::Mesh mesh_of(const Numbers& dofs, int side) {
    return {dofs.data(), dofs.shape(0), static_cast<double>(side)};
}

}  // namespace

// Shapes, dtypes and numbering come from metafast.structure.finite, which makes these arrays.
void register_hyperelastic(py::module_& module) {
    module.def(
        "element_forces",
        [](const Numbers& dofs, int side, const py::object& law, const Doubles& u, Doubles& energy,
           Doubles& total, int threads) {
            const auto mesh = mesh_of(dofs, side);
            const auto constants = law_of(law);
            const double* from = u.data();
            double *energies = energy.mutable_data(), *sums = total.mutable_data();
            const py::gil_scoped_release release;
            hyperelastic::forces(mesh, constants, from, threads, energies, sums);
        },
        py::arg("dofs").noconvert(), py::arg("side"), py::arg("law"), py::arg("u"),
        py::arg("energy").noconvert(), py::arg("total").noconvert(), py::arg("threads"));
    module.def(
        "element_tangents",
        [](const Numbers& dofs, int side, const py::object& law, const Doubles& u, Doubles& tangent,
           int threads) {
            const auto mesh = mesh_of(dofs, side);
            const auto constants = law_of(law);
            const double* from = u.data();
            double* to = tangent.mutable_data();
            const py::gil_scoped_release release;
            hyperelastic::tangents(mesh, constants, from, threads, to);
        },
        py::arg("dofs").noconvert(), py::arg("side"), py::arg("law"), py::arg("u"),
        py::arg("tangent").noconvert(), py::arg("threads"));
    module.def(
        "element_products",
        [](const Numbers& dofs, const Doubles& tangent, const Doubles& u, Doubles& total) {
            const auto mesh = mesh_of(dofs, 1);
            const double *k = tangent.data(), *from = u.data();
            double* to = total.mutable_data();
            const py::gil_scoped_release release;
            hyperelastic::add_products(mesh, k, from, to);
        },
        py::arg("dofs").noconvert(), py::arg("tangent").noconvert(), py::arg("u"),
        py::arg("total").noconvert());
    module.def(
        "law_at_points",
        [](const py::object& law, const Doubles& f, Doubles& energy, Doubles& stress,
           Doubles& across, std::optional<Doubles> moduli) {
            hyperelastic::points(law_of(law), f.data(), f.shape(0), energy.mutable_data(),
                                 stress.mutable_data(), across.mutable_data(),
                                 moduli ? moduli->mutable_data() : nullptr);
        },
        py::arg("law"), py::arg("f"), py::arg("energy").noconvert(),
        py::arg("stress").noconvert(), py::arg("across").noconvert(),
        py::arg("moduli") = py::none());
}

}  // namespace metafast::bindings
