// SPDX-License-Identifier: GPL-3.0-or-later
// The step program and its kernels as plain C++, for the emulation.
#include "cuda/program.cu"
