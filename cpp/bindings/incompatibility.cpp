#include "bindings/bindings.hpp"
#include "incompatibility/tables.hpp"

namespace metafast::bindings {

namespace {

using Indices = py::array_t<std::int64_t, py::array::c_style>;
using Pixels = py::array_t<std::uint8_t, py::array::c_style>;

// Shapes, dtypes and ranges were checked in metafast.assembly.boundary.
py::tuple incompatibility_tables(const Indices& candidates, const Pixels& cells,
                                 const Doubles& tractions, double geometric_weight,
                                 double mechanical_weight, int threads) {
    using namespace incompatibility;
    const py::ssize_t rows = candidates.shape(0), cols = candidates.shape(1),
                      labels = candidates.shape(2);
    Doubles horizontal({rows, cols - 1, labels, labels});
    Doubles vertical({rows - 1, cols, labels, labels});
    const Candidates places{static_cast<int>(rows), static_cast<int>(cols),
                            static_cast<int>(labels), candidates.data()};
    const Cells library{cells.shape(0), static_cast<int>(cells.shape(1)), cells.data(),
                        tractions.data()};
    const Weights weights{geometric_weight, mechanical_weight};
    double* across = horizontal.mutable_data();
    double* down = vertical.mutable_data();
    {
        const py::gil_scoped_release release;
        ThreadPool pool(threads);
        const auto check = signal_check();
        fill_table(places, library, weights, Direction::horizontal, pool, across, check);
        fill_table(places, library, weights, Direction::vertical, pool, down, check);
    }
    return py::make_tuple(horizontal, vertical);
}

}  // namespace

void register_incompatibility(py::module_& module) {
    module.def("incompatibility_tables", &incompatibility_tables,
               py::arg("candidates").noconvert(), py::arg("cells").noconvert(),
               py::arg("tractions").noconvert(), py::arg("geometric_weight"),
               py::arg("mechanical_weight"), py::arg("threads"));
}

}  // namespace metafast::bindings
