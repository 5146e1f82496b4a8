// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/interface/runner.h"

// A sweep on this machine that outlives whoever started it. What is known of its process lies in FOLDER/.launch: who it
// is (process.json), its progress lines (out), its words for people (err), its exit code (code), and a pipe for orders.
// So any window or command line can look after it, also one that was opened later.
namespace local {

// Empty where it was started, else why not. Returns at once.
QString start(const Runner::Command&, const QString& folder);
// Writes down that this very process is about to become the trainer.
QString becomes(const QString& folder);

bool isRunning(const QString& folder);
// Asks it to save and end; or, where it does not answer, ends it there and then. Empty, or why that cannot be done.
QString stop(const QString& folder, bool now = false);
// Hands it a line of orders: through its pipe, or where it was begun elsewhere through FOLDER/control.jsonl.
QString tell(const QString& folder, const QByteArray& order);

// How it ended.
struct Ending {
    bool known = false;     // it was started here and is over
    int code = -1;          // below 0: nobody was there to see it
    QString said;           // its own last sentence
};
Ending ending(const QString& folder);
// The last progress line that is one, of `ev` progress; empty where there is none. Keeps the file from growing without end.
QByteArray lastProgress(const QString& folder);

}
