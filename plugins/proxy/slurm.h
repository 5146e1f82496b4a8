// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/interface/runner.h"

// Sweeps as arrays of Slurm: one job a part, which runs its share of the members. Whether it is done is read from the
// sweep's own files; Slurm is only asked what waits and what runs. Every call runs programs and blocks up to 20 s.
namespace slurm {

QString unavailable();
// Writes FOLDER/.launch/job.sh and hands it to sbatch; empty where that worked, else why not.
QString submit(const Runner::Command&, const QString& folder, int parts);
Runner::Queued queued(const QString& folder);
QString cancel(const QString& folder);
// The job script, for submit() and for tests.
QByteArray script(const Runner::Command&, const QString& folder, int parts);

}
