// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QStringList>
#include <QtPlugin>

// All a plugin sees of Isoloss: it says what to run, and the program runs it, watches it and reads its logs like any
// other. Nothing of it runs in the window's process but these calls.
class Runner
{
public:
    struct Command {
        QString program;
        QStringList arguments;
    };

    virtual ~Runner() = default;
    // Empty where it can run on this machine, else why not, as one sentence.
    virtual QString unavailable() const = 0;
    // The fields of a plan with their first values: a form can be made from it.
    virtual QJsonObject defaults() const = 0;
    // What runs a plan: the file `spec` holds it as JSON, logs go below `folder`, one file per member in members/.
    // Progress is one JSON object a line on standard output; SIGTERM ends it with a last line in every log.
    virtual Command command(const QString& spec, const QString& folder) const = 0;
};

Q_DECLARE_INTERFACE(Runner, "isoloss.Runner/1")
