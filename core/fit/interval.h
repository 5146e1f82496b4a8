// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/search.h"
#include "core/tick.h"

namespace fit {

// Fills standard errors, intervals, covariance, condition and, where spec.bootstrap asks for them, draws.
//
// Wald: the covariance of a Huber M-estimator with residuals of one distribution, E[psi^2] / (E[psi'])^2 (J'J)^-1
// (Huber 1964; E[psi'] from a kernel density of the residuals, so that a threshold far below the noise does no harm),
// with Student's t on n - k. In search space, so that a positive parameter has a positive interval.
// spec.interval says which others: see resample.h (bootstrap, wild, leave-one-out) and profile.h.
void intervals(Fit&, const Search&, const Vector& u, int threads, const Tick&);

// J'WJ of the free parameters in search space and, for weights that say how much a row counts and leave its variance as it
// is, the sandwich's middle J'W^2 J (J'WJ where weights are inverse variances).
struct Information {
    Eigen::MatrixXd normal, middle;
};
Information information(const Search&, const Vector& u);

// The inverse of a normal matrix, scaled to unit diagonal first; NaN throughout where it has none.
Eigen::MatrixXd inverseOf(const Eigen::MatrixXd& normal);

// A parameter's standard error and interval from its standard error `se` in search space and Student's t.
void setWald(Estimate&, const law::Param&, double value, double se, double t);

}
