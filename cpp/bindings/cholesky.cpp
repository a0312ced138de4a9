#include <pybind11/stl.h>

#include <optional>

#include "bindings/bindings.hpp"
#include "cholesky/factor.hpp"

namespace metafast::bindings {

namespace {

using Codes = py::array_t<std::uint8_t, py::array::c_style>;
using Numbers = py::array_t<std::int32_t, py::array::c_style>;

template <class Function>
void take(Function& target, const py::dict& kernels, const char* name) {
    target = reinterpret_cast<Function>(kernels[name].cast<std::uintptr_t>());
}

// Keeps the arrays that the factor reads.
class PixelCholesky {
public:
    PixelCholesky(Codes code, Numbers dof, Doubles stencil, const Numbers& order,
                  const Numbers& start, const Numbers& parent, std::int32_t unit,
                  const py::dict& kernels, int threads, std::optional<Numbers> element,
                  std::optional<Doubles> tangent)
        : code_(std::move(code)), dof_(std::move(dof)), stencil_(std::move(stencil)),
          element_(std::move(element)), tangent_(std::move(tangent)) {
        cholesky::Blas blas;
        take(blas.potrf, kernels, "dpotrf");
        take(blas.trsm, kernels, "dtrsm");
        take(blas.syrk, kernels, "dsyrk");
        take(blas.gemm, kernels, "dgemm");
        take(blas.trsv, kernels, "dtrsv");
        take(blas.gemv, kernels, "dgemv");
        const cholesky::PixelGrid grid{static_cast<int>(code_.shape(0)),
                                       static_cast<int>(code_.shape(1)), code_.data(), dof_.data(),
                                       stencil_.data(), element_ ? element_->data() : nullptr,
                                       tangent_ ? tangent_->data() : nullptr};
        const cholesky::Tree tree{start.data(), parent.data(),
                                  static_cast<std::int32_t>(parent.size()), unit};
        const auto n = static_cast<std::int32_t>(order.size());
        const py::gil_scoped_release release;
        factor_ = std::make_unique<cholesky::Factor>(grid, order.data(), n, tree, blas, threads);
    }

    // Returns the unknown whose pivot is not positive (with tangents: is zero), or -1.
    std::int64_t solve(Doubles& columns, bool keep, bool absolute) {
        double* x = columns.mutable_data();
        const int k = static_cast<int>(columns.shape(1));
        const auto check = signal_check();
        const py::gil_scoped_release release;
        try {
            factor_->solve(x, k, keep, check, absolute);
        } catch (const cholesky::NotPositiveDefinite& error) {
            return error.unknown;
        }
        return -1;
    }

    void refactor() { factor_->refactor(); }
    void release() { factor_->release(); }
    std::int32_t negative() const { return factor_->negative(); }
    std::int64_t memory(bool keep, int columns) const { return factor_->memory(keep, columns); }
    std::int64_t entries() const { return factor_->entries(); }
    double operations() const { return factor_->operations(); }

private:
    Codes code_;
    Numbers dof_;
    Doubles stencil_;
    std::optional<Numbers> element_;
    std::optional<Doubles> tangent_;
    std::unique_ptr<cholesky::Factor> factor_;
};

}  // namespace

// Shapes, dtypes and numbering come from metafast.structure, which makes these arrays.
void register_cholesky(py::module_& module) {
    py::class_<PixelCholesky>(module, "PixelCholesky")
        .def(py::init<Codes, Numbers, Doubles, const Numbers&, const Numbers&, const Numbers&,
                      std::int32_t, const py::dict&, int, std::optional<Numbers>,
                      std::optional<Doubles>>(),
             py::arg("code"), py::arg("dof"), py::arg("stencil"), py::arg("order"),
             py::arg("start"), py::arg("parent"), py::arg("unit"), py::arg("kernels"),
             py::arg("threads"), py::arg("element") = py::none(), py::arg("tangent") = py::none())
        .def("solve", &PixelCholesky::solve, py::arg("columns").noconvert(), py::arg("keep"),
             py::arg("absolute") = false)
        .def("refactor", &PixelCholesky::refactor)
        .def("release", &PixelCholesky::release)
        .def("memory", &PixelCholesky::memory, py::arg("keep"), py::arg("columns"))
        .def_property_readonly("negative", &PixelCholesky::negative)
        .def_property_readonly("entries", &PixelCholesky::entries)
        .def_property_readonly("operations", &PixelCholesky::operations);
}

}  // namespace metafast::bindings
