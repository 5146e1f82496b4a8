// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QList>
#include <QStringList>
#include <QtPlugin>

// All a plugin sees of Isoloss: it says what to run and what came of it, and the program runs it, watches it and reads its
// logs like any other. Nothing of it runs in the window's process but these calls, which are quick unless they say
// otherwise.
//
// A folder that a sweep writes holds manifest.json (its members), members/ID.jsonl (a log for each) and summary.jsonl.
// Nothing else is asked about how it goes, so it does not matter who started it, or where.
class Runner
{
public:
    struct Command {
        QString program;
        QStringList arguments;
    };
    // What came of a command. A code below 0: it did not start, was killed or took too long.
    struct Ran {
        int code = -1;
        QByteArray out, error;
    };
    // A sweep to begin with. The specification is text, so that its keys keep their order.
    struct Preset {
        QString id, name, meaning;
        QByteArray spec;
    };
    // What the specification may vary from member to member: a key of it, and values that are usual.
    struct Factor {
        QString key, name, meaning;
        QString values;     // separated by commas
    };
    // Something to run on, or to hand the work to. `why` says in one sentence why it cannot be used; empty where it can.
    struct Place {
        QString id, name, why;
    };
    struct Task {
        QString spec;       // a file
        QString folder;     // logs go there; what is finished in it is not run again
        QString device = QStringLiteral("auto");
        QStringList only;   // members by id; empty: all
    };
    enum class Order { Pause, Resume, Checkpoint, Stop, Drop };
    // What a queue knows of a sweep it was given.
    struct Queued {
        QString job;        // empty: it was given none
        int waiting = 0, running = 0;
        QString why;        // the queue did not answer
    };

    virtual ~Runner() = default;

    // Empty where it can run on this machine, else why not, as one sentence.
    virtual QString unavailable() const = 0;
    // Sweeps to begin with; the first is the usual one.
    virtual QList<Preset> presets() const = 0;
    virtual QList<Factor> factors() const = 0;
    // What a specification comes to: JSON of members and totals on standard output; with exit code 2 the error stream says
    // what is wrong and, as a JSON pointer, where. Writes nothing.
    virtual Command plan(const QString& spec, const QString& device) const = 0;
    // What to run to learn of devices, and what that means. Each may take seconds.
    virtual QList<Command> probes() const = 0;
    virtual QList<Place> devices(const QList<Ran>& probed) const = 0;
    // Runs a sweep until it ends. Progress is one JSON object a line on standard output, orders are lines on standard
    // input, SIGTERM ends it so that it can go on later.
    virtual Command run(const Task&) const = 0;
    virtual QByteArray order(Order, const QStringList& members) const = 0;
    // What an exit code says, as one sentence with what to do.
    virtual QString meaning(int code) const = 0;

    // Queues of other machines that sweeps can be handed to. These calls run programs and may take many seconds; they can
    // be made on any thread.
    virtual QList<Place> queues() const = 0;
    // Hands a sweep over as `parts` jobs. Empty where that worked, else why not.
    virtual QString submit(const QString& queue, const Task&, int parts) const = 0;
    virtual Queued queued(const QString& folder) const = 0;
    virtual QString cancel(const QString& folder) const = 0;
};

inline constexpr char runnerInterface[] = "isoloss.Runner/2";
Q_DECLARE_INTERFACE(Runner, "isoloss.Runner/2")
