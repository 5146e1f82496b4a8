// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/proxy/slurm.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSaveFile>
#include <QStandardPaths>

namespace slurm {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Slurm", text);
}

Runner::Ran ran(const char* program, const QStringList& arguments)
{
    QProcess process;
    process.start(QString::fromLatin1(program), arguments);
    if (!process.waitForFinished(20000)) {
        const QByteArray why = process.error() == QProcess::FailedToStart ? "it is not on the PATH" : "it did not answer within 20 s";
        process.kill();
        process.waitForFinished(1000);
        return {.code = -1, .out = {}, .error = why};
    }
    return {.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, .out = process.readAllStandardOutput(),
            .error = process.readAllStandardError()};
}

QString refused(const char* program, const Runner::Ran& answer)
{
    const QString said = QString::fromUtf8(answer.error.isEmpty() ? answer.out : answer.error).trimmed().section(QLatin1Char('\n'), -1);
    return tr("%1 failed: %2").arg(QString::fromLatin1(program), said.isEmpty() ? tr("code %1").arg(answer.code) : said);
}

QByteArray quoted(const QString& word)
{
    QString escaped = word;
    escaped.replace(QLatin1Char('\''), QLatin1String("'\\''"));
    return '\'' + escaped.toUtf8() + '\'';
}

QString job(const QString& folder)
{
    QFile file(folder + QStringLiteral("/.launch/slurm.json"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QJsonDocument::fromJson(file.readAll()).object()[QLatin1String("job")].toString();
}

bool write(const QString& path, const QByteArray& bytes)
{
    QSaveFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
}

}

QString unavailable()
{
    for (const char* program : {"sbatch", "squeue", "scancel"})
        if (QStandardPaths::findExecutable(QString::fromLatin1(program)).isEmpty())
            return tr("Slurm's command %1 is not on the PATH of this machine.").arg(QString::fromLatin1(program));
    return {};
}

// The trainer is no `exec`: a job that is told of its time limit saves, ends with 11 and is put back into the queue.
QByteArray script(const Runner::Command& command, const QString& folder, int parts)
{
    QByteArray call = quoted(command.program);
    for (const QString& argument : command.arguments)
        call += ' ' + quoted(argument);
    return "#!/bin/sh\n"
           "#SBATCH --job-name=isoloss\n"
           "#SBATCH --array=0-" + QByteArray::number(parts - 1) + "\n"
           "#SBATCH --requeue\n"
           "#SBATCH --signal=B:USR1@60\n"
           "#SBATCH --open-mode=append\n"
           "#SBATCH --output=" + (folder + QStringLiteral("/.launch/part-%a.out")).toUtf8() + "\n"
           "#SBATCH --error=" + (folder + QStringLiteral("/.launch/part-%a.err")).toUtf8() + "\n"
           "child=\n"
           "trap 'kill -USR1 $child 2>/dev/null' USR1\n"
           "trap 'kill -TERM $child 2>/dev/null' TERM\n" + call
           + " --shard \"$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT\" &\n"
             "child=$!\n"
             "while :; do wait $child; code=$?; kill -0 $child 2>/dev/null || break; done\n"
             "if [ $code = 11 ]; then\n"
             "    scontrol requeue \"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\"\n"
             "fi\n"
             "exit $code\n";
}

QString submit(const Runner::Command& command, const QString& folder, int parts)
{
    const QString at = QDir(folder).absolutePath();
    if (!QDir().mkpath(at + QStringLiteral("/.launch")))
        return tr("The folder %1 cannot be made; choose another.").arg(at);
    if (queued(at).waiting + queued(at).running > 0)
        return tr("The sweep in %1 is in the queue already.").arg(at);
    const QString file = at + QStringLiteral("/.launch/job.sh");
    if (!write(file, script(command, at, std::max(1, parts))))
        return tr("%1 cannot be written; is the disk full?").arg(file);
    const Runner::Ran answer = ran("sbatch", {QStringLiteral("--parsable"), file});
    const QString id = QString::fromUtf8(answer.out).trimmed().section(QLatin1Char(';'), 0, 0);
    if (answer.code != 0 || id.isEmpty())
        return refused("sbatch", answer);
    const QJsonObject record{{QStringLiteral("job"), id}, {QStringLiteral("parts"), parts}};
    if (!write(at + QStringLiteral("/.launch/slurm.json"), QJsonDocument(record).toJson()))
        return tr("The sweep is in the queue as job %1, but %2 cannot be written: only squeue will tell of it.").arg(id, at);
    return {};
}

Runner::Queued queued(const QString& folder)
{
    Runner::Queued out{.job = job(folder), .waiting = 0, .running = 0, .why = {}};
    if (out.job.isEmpty())
        return out;
    const Runner::Ran answer = ran("squeue", {QStringLiteral("-h"), QStringLiteral("-r"), QStringLiteral("-j"), out.job, QStringLiteral("-o"), QStringLiteral("%T")});
    if (answer.code != 0) {
        // A job that is long gone is an error to squeue, and none to us.
        if (!answer.error.contains("Invalid job id"))
            out.why = refused("squeue", answer);
        return out;
    }
    for (const QByteArray& state : answer.out.split('\n')) {
        const QByteArray word = state.trimmed();
        if (word == "PENDING" || word == "REQUEUED" || word == "REQUEUE_HOLD" || word == "SUSPENDED" || word == "CONFIGURING")
            ++out.waiting;
        else if (word == "RUNNING" || word == "COMPLETING")
            ++out.running;
    }
    return out;
}

QString cancel(const QString& folder)
{
    const QString id = job(folder);
    if (id.isEmpty())
        return tr("The sweep in %1 is in no queue.").arg(folder);
    // The batch script passes TERM on, and the trainer saves; what waits is taken out of the queue.
    const Runner::Ran waiting = ran("scancel", {QStringLiteral("--state=PENDING"), id});
    const Runner::Ran told = ran("scancel", {QStringLiteral("--batch"), QStringLiteral("--signal=TERM"), id});
    return waiting.code != 0 ? refused("scancel", waiting) : told.code != 0 && !told.error.contains("Invalid job id") ? refused("scancel", told) : QString();
}

}
