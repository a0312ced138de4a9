#include "bindings/bindings.hpp"

PYBIND11_MODULE(_core, module) {
    module.doc() = "Compiled core of metafast: grid MRF inference, incompatibility tables, Cholesky, "
                   "hyperelastic elements.";
    metafast::bindings::register_mrf(module);
    metafast::bindings::register_incompatibility(module);
    metafast::bindings::register_cholesky(module);
    metafast::bindings::register_hyperelastic(module);
}
