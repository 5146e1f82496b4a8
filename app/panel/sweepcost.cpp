// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/sweepcost.h"

#include "app/chart/axis.h"
#include "core/figure/format.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QStyle>

namespace {

constexpr qsizetype most = 64 << 20;        // of what a trainer may print

QString duration(double seconds)
{
    if (seconds < 90)
        return QObject::tr("%1 s").arg(chart::number(seconds, 2));
    if (seconds < 5400)
        return QObject::tr("%1 min").arg(chart::number(seconds / 60, 2));
    return QObject::tr("%1 h").arg(chart::number(seconds / 3600, 2));
}

}

SweepCost::SweepCost(QWidget* parent) : QLabel(parent)
{
    setObjectName(QStringLiteral("sweepCost"));
    setWordWrap(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_delay.setSingleShot(true);
    m_delay.setInterval(250);
    m_limit.setSingleShot(true);
    m_limit.setInterval(30000);
    connect(&m_delay, &QTimer::timeout, this, &SweepCost::start);
    connect(&m_limit, &QTimer::timeout, this, [this] {
        if (m_process)
            m_process->kill();
    });
}

void SweepCost::ask(Runner* runner, const QByteArray& spec, const QString& device)
{
    if (runner == m_runner && spec == m_spec && device == m_device)
        return;
    m_runner = runner;
    m_spec = spec;
    m_device = device;
    m_delay.start();
}

void SweepCost::start()
{
    if (m_process) {        // what it says is of no use any more
        m_process->disconnect(this);
        connect(m_process, &QProcess::finished, m_process, &QObject::deleteLater);
        m_process->kill();
        m_process = nullptr;
    }
    const QString file = m_folder.filePath(QStringLiteral("spec.json"));
    QFile out(file);
    const Runner::Command command = m_runner ? m_runner->plan(file, m_device) : Runner::Command{};
    if (command.program.isEmpty() || !out.open(QIODevice::WriteOnly) || out.write(m_spec) != m_spec.size()) {
        show(m_runner ? m_runner->unavailable() : tr("No plugin runs sweeps."), true);
        emit planned();
        return;
    }
    out.close();
    m_out.clear();
    m_error.clear();
    setEnabled(false);      // the old numbers stay, greyed
    m_process = new QProcess(this);
    connect(m_process, &QProcess::readyReadStandardOutput, this, [this] {
        m_out += m_process->readAllStandardOutput();
        if (m_out.size() > most)
            m_process->kill();
    });
    connect(m_process, &QProcess::readyReadStandardError, this, [this] {
        m_error += m_process->readAllStandardError();
        m_error = m_error.right(1 << 16);
    });
    connect(m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) { finish(code, status == QProcess::CrashExit); });
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            finish(127, false);
    });
    m_process->start(command.program, command.arguments);
    m_limit.start();
}

void SweepCost::finish(int code, bool crashed)
{
    const bool late = !m_limit.isActive();
    m_limit.stop();
    m_process->deleteLater();
    m_process = nullptr;
    m_members.clear();
    m_pointer.clear();
    const QString said = QString::fromUtf8(m_error).trimmed().section(QLatin1Char('\n'), -1);
    const QJsonObject plan = QJsonDocument::fromJson(m_out).object();
    const QJsonObject totals = plan[QLatin1String("totals")].toObject();
    if (late && crashed) {
        show(tr("The trainer did not plan this within 30 s."), true);
    } else if (crashed || code != 0) {
        static const QRegularExpression at(QStringLiteral(R"(at (/[^\s:]*):)"));
        m_pointer = at.match(said).captured(1);
        show(!said.isEmpty() && !crashed ? said : m_runner->meaning(crashed ? -1 : code), true);
    } else if (totals.isEmpty()) {
        show(tr("The trainer's plan cannot be read; is it of this version?"), true);
    } else {
        double bytes = 0;
        for (const QJsonValue& value : plan[QLatin1String("members")].toArray()) {
            m_members << value[QLatin1String("id")].toString();
            bytes = std::max(bytes, value[QLatin1String("bytes")].toDouble());
        }
        const double memory = totals[QLatin1String("memory")].toDouble(totals[QLatin1String("bytes")].toDouble(bytes * std::max(1, totals[QLatin1String("threads")].toInt(1))));
        const auto classes = plan[QLatin1String("classes")];
        const int n = classes.isArray() ? int(classes.toArray().size()) : classes.toInt();
        QStringList parts{tr("%n members", nullptr, int(m_members.size())).replace(QLatin1String("%n"), QString::number(m_members.size()))};
        if (n > 0)
            parts << (n == 1 ? tr("1 shape") : tr("%1 shapes").arg(n));
        parts << tr("%1 tokens").arg(QString::fromStdString(figure::si(totals[QLatin1String("tokens")].toDouble())))
              << tr("%1 FLOPs").arg(chart::number(totals[QLatin1String("flop")].toDouble(), 3));
        if (memory > 0)
            parts << tr("%1B of memory").arg(QString::fromStdString(figure::si(memory)));
        parts << tr("about %1").arg(duration(totals[QLatin1String("seconds")].toDouble()));
        show(parts.join(QStringLiteral(" · ")), false);
    }
    emit planned();
}

void SweepCost::setFinished(const QStringList& ids)
{
    m_finished = ids;
    show(m_sentence, m_refused);
}

void SweepCost::show(const QString& sentence, bool wrong)
{
    m_sentence = sentence;
    m_refused = wrong;
    qsizetype there = 0;
    for (const QString& id : std::as_const(m_finished))
        there += m_members.contains(id);
    setEnabled(true);
    setProperty("role", wrong ? QStringLiteral("warning") : QStringLiteral("second"));
    style()->polish(this);
    setText((wrong ? QStringLiteral("⚠ ") : QString()) + sentence
            + (there > 0 && !wrong ? QLatin1Char('\n') + tr("%1 of them are finished in this folder and will not run again.").arg(there) : QString()));
}
