// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/axis.h"
#include "app/panel/bars.h"
#include "app/panel/samples.h"
#include "app/panel/sweepcost.h"
#include "app/panel/sweepform.h"
#include "app/panel/sweeppanel.h"
#include "app/panel/sweeptext.h"

#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QPushButton>
#include <QRegularExpression>
#include <QSaveFile>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QStyle>
#include <QTabBar>
#include <QTableView>
#include <QTimer>

#include <algorithm>
#include <set>

// What the panel of sweeps does: designs, starts, watches and ends them.

QByteArray SweepPanel::spec() const
{
    const std::string& kept = m_session.workspace().sweep.spec;
    if (!kept.empty())
        return QByteArray::fromStdString(kept);
    if (!m_draft.isEmpty() && !m_session.isOpen())
        return m_draft;
    const QList<Runner::Preset> presets = m_runner ? m_runner->presets() : QList<Runner::Preset>();
    return presets.isEmpty() ? QByteArray("{}") : presets.first().spec;
}

void SweepPanel::edit(const QString& label, const QByteArray& spec)
{
    m_draft = spec;
    if (m_session.isOpen()) {
        Workspace next = m_session.workspace();
        next.sweep.spec = spec.toStdString();
        m_session.edit(label, next);
    }
    refresh();
}

void SweepPanel::usePreset(const QString& id)
{
    if (!m_runner)
        return;
    for (const Runner::Preset& preset : m_runner->presets())
        if (preset.id == id) {
            m_folder->setModified(false);
            edit(tr("Preset: %1").arg(preset.name), preset.spec);
        }
    showMembers(false);
}

void SweepPanel::openSpec(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        emit said(tr("%1 cannot be read: %2.").arg(path, file.errorString()));
        return;
    }
    edit(tr("Specification %1").arg(QFileInfo(path).fileName()), file.readAll());
}

void SweepPanel::refresh()
{
    const QByteArray text = spec();
    m_text->set(QString::fromUtf8(text));
    const auto parsed = SweepForm::Spec::parse(text.toStdString(), nullptr, false);
    m_form->setEnabled(m_runner && parsed.is_object());
    try {
        if (parsed.is_object())
            m_form->set(parsed);
    } catch (const std::exception&) {
        // Keys of a kind that no form expects: the trainer says which, and the text is there to change them.
        m_form->setEnabled(false);
    }
    if (!m_folder->isModified()) {
        const QSignalBlocker quiet(m_folder);
        m_folder->setText(proposedFolder());
        m_folder->setCursorPosition(int(m_folder->text().size()));
    }
    const QString folder = QString::fromStdString(m_session.workspace().sweep.folder);
    if (folder != m_watch.folder() && (m_session.isOpen() || !folder.isEmpty()))
        m_watch.open(folder);
    planAgain();
}

// Beside the project, named after the sweep; another one of that name that is there already is left alone.
QString SweepPanel::proposedFolder() const
{
    const auto parsed = nlohmann::json::parse(spec().toStdString(), nullptr, false);
    QString name = parsed.is_object() && parsed.contains("name") && parsed["name"].is_string() ? QString::fromStdString(parsed["name"].get<std::string>()) : QStringLiteral("sweep");
    static const QRegularExpression odd(QStringLiteral("[^A-Za-z0-9._-]+"));
    name.replace(odd, QStringLiteral("-"));
    name.remove(QRegularExpression(QStringLiteral("^[.-]+")));
    if (!m_session.isOpen())
        return QFileInfo(newProjectFile(tr("Sweep"))).path() + QStringLiteral("/Sweep-sweeps/") + name;
    const QFileInfo project(m_session.path());
    const QString base = project.absolutePath() + QLatin1Char('/') + project.completeBaseName() + QStringLiteral("-sweeps/") + name;
    QString folder = base;
    for (int i = 2; isSweepFolder(folder) && i < 1000; ++i) {
        QFile there(folder + QStringLiteral("/spec.json"));
        if (there.open(QIODevice::ReadOnly) && there.readAll() == spec())
            break;      // this very sweep: it goes on
        folder = base + QStringLiteral("-%1").arg(i);
    }
    return folder;
}

void SweepPanel::planAgain()
{
    if (!isVisible() && !m_watch.folder().isEmpty())
        return;
    if (isVisible() && m_probing == 0 && m_probed.isEmpty())
        askDevices();
    if (m_runner && isVisible())
        m_cost->ask(m_runner, spec(), m_device->currentData().toString());
    showCost();
}

void SweepPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    planAgain();
}

// Each probe runs beside the window and may hang as long as it likes.
void SweepPanel::askDevices()
{
    if (!m_runner)
        return;
    const QList<Runner::Command> probes = m_runner->probes();
    m_probed.resize(probes.size());
    for (qsizetype i = 0; i < probes.size(); ++i) {
        if (probes[i].program.isEmpty())
            continue;
        ++m_probing;
        auto* process = new QProcess(this);
        const auto over = [this, process, i](int code) {
            process->disconnect(this);
            m_probed[i] = {.code = code, .out = process->readAllStandardOutput(), .error = process->readAllStandardError()};
            process->deleteLater();
            --m_probing;
            showDevices();
        };
        connect(process, &QProcess::finished, this, [over](int code, QProcess::ExitStatus status) { over(status == QProcess::CrashExit ? -1 : code); });
        connect(process, &QProcess::errorOccurred, this, [over](QProcess::ProcessError error) {
            if (error == QProcess::FailedToStart)
                over(-1);
        });
        QTimer::singleShot(10000, process, &QProcess::kill);
        process->start(probes[i].program, probes[i].arguments);
    }
    showDevices();
}

void SweepPanel::showDevices()
{
    const auto fill = [](QComboBox* box, const QList<Runner::Place>& places, bool keepFirst) {
        const QString chosen = box->currentData().toString();
        const QSignalBlocker quiet(box);
        while (box->count() > (keepFirst ? 1 : 0))
            box->removeItem(box->count() - 1);
        for (const Runner::Place& place : places) {
            box->addItem(place.name, place.id);
            const int at = box->count() - 1;
            // What cannot be used stays in the list and says why.
            box->setItemData(at, place.why.isEmpty() ? place.name : place.why, Qt::ToolTipRole);
            if (auto* model = qobject_cast<QStandardItemModel*>(box->model()); model && !place.why.isEmpty()) {
                model->item(at)->setEnabled(false);
                box->setItemText(at, QObject::tr("%1: not available").arg(place.name));
            }
        }
        const int again = box->findData(chosen);
        box->setCurrentIndex(again < 0 ? 0 : again);
    };
    fill(m_device, m_runner->devices(m_probed), false);
    fill(m_place, m_runner->queues(), true);
    QStringList reasons;
    for (const Runner::Place& place : m_runner->devices(m_probed) + m_runner->queues())
        if (!place.why.isEmpty())
            reasons << place.name + QStringLiteral(": ") + place.why;
    m_device->setToolTip(reasons.isEmpty() ? tr("What it runs on") : reasons.join(QLatin1Char('\n')));
    m_place->setToolTip(m_device->toolTip());
}

void SweepPanel::showCost()
{
    const bool here = m_watch.look().isLive() && m_watch.folder() == m_folder->text();
    QString why;
    if (!m_runner) {
        why = tr("No plugin runs sweeps; Help → Plugins… says why.");
        for (const Plugin& plugin : m_plugins)
            if (!plugin.why.isEmpty())
                why = plugin.why;
    } else if (!m_runner->unavailable().isEmpty()) {
        why = m_runner->unavailable();
    } else if (here) {
        why = tr("This sweep is running.");
    }
    m_why->setText(QStringLiteral("⚠ ") + why);
    m_why->setVisible(!why.isEmpty());
    m_start->setEnabled(why.isEmpty() && !m_cost->isRefused() && !m_submit.isRunning());
    m_text->mark(m_cost->pointer(), m_theme.warn);
    m_start->setText(isSweepFolder(m_folder->text()) ? tr("Go on") : tr("Start"));
}

void SweepPanel::openSweep(const QString& given)
{
    const QString folder = QDir(given).absolutePath();
    if (!m_session.isOpen() && !m_session.open(newProjectFile(QFileInfo(folder).fileName())))
        return;
    Workspace next = m_session.workspace();
    next.sweep.folder = folder.toStdString();
    if (QFile file(folder + QStringLiteral("/spec.json")); next.sweep.spec.empty() && file.open(QIODevice::ReadOnly))
        next.sweep.spec = file.readAll().toStdString();
    m_session.edit(tr("Open sweep %1").arg(QFileInfo(folder).fileName()), next);
    m_watch.open(folder);
    showMembers(true);
}

void SweepPanel::start()
{
    if (!m_runner || !m_start->isEnabled())
        return;
    const QByteArray text = spec();
    const QString folder = QDir(m_folder->text()).absolutePath();
    if (!m_session.isOpen()) {
        if (!m_session.open(newProjectFile(tr("Sweep"))))
            return;
        edit(tr("Design a sweep"), text);
    }
    const QString file = folder + QStringLiteral("/spec.json");
    QDir().mkpath(folder);
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size() || !out.commit()) {
        emit said(tr("%1 cannot be written: %2; choose another folder.").arg(file, out.errorString()));
        return;
    }
    const Runner::Task task{.spec = file, .folder = folder, .device = m_device->currentData().toString(), .only = {}};
    m_paused = false;
    m_stopped.invalidate();
    const auto begun = [this, folder](const QString& why) {
        if (!why.isEmpty()) {
            emit said(why);
            showCost();
            return;
        }
        Workspace next = m_session.workspace();
        next.sweep.folder = folder.toStdString();
        m_session.amend(next);      // a sweep that was started is no edit: undo does not end it
        m_watch.open(folder);
        m_watch.expect();
        showMembers(true);
    };
    if (const QString queue = m_place->currentData().toString(); !queue.isEmpty()) {
        m_submit.start([runner = m_runner, queue, task, parts = std::clamp(int(m_cost->members().size()) / 8, 1, 64)](const Tick&) { return runner->submit(queue, task, parts); },
                       {.done = begun, .failed = begun, .progress = {}});
        showCost();
        return;
    }
    begun(local::start(m_runner->run(task), folder));
}

void SweepPanel::pause(bool hold)
{
    const QString why = local::tell(m_watch.folder(), m_runner->order(hold ? Runner::Order::Pause : Runner::Order::Resume, {}));
    if (!why.isEmpty())
        emit said(why);
    else
        m_paused = hold;
    showLook();
}

void SweepPanel::stop()
{
    const SweepWatch::Look& look = m_watch.look();
    if (look.running) {
        const bool now = m_stopped.isValid();
        if (const QString why = local::stop(m_watch.folder(), now); !why.isEmpty())
            emit said(why);
        m_stopped.start();
        m_watch.expect();
    } else if (!look.queue.job.isEmpty()) {
        m_submit.start([runner = m_runner, folder = m_watch.folder()](const Tick&) { return runner->cancel(folder); },
                       {.done = [this](QString why) {
                            if (!why.isEmpty())
                                emit said(why);
                            m_watch.expect();
                        },
                        .failed = {}, .progress = {}});
    } else if (look.elsewhere && m_runner) {
        if (const QString why = local::tell(m_watch.folder(), m_runner->order(Runner::Order::Stop, {})); !why.isEmpty())
            emit said(why);
        m_stopped.start();
    }
    showLook();
}

void SweepPanel::dropSelected()
{
    QStringList ids;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        if (const SweepMember& m = m_members.members()[std::size_t(m_order->mapToSource(index).row())];
            m.state == SweepMember::State::Training || m.state == SweepMember::State::Waiting)
            ids << m.id;
    if (ids.isEmpty())
        return;
    if (const QString why = local::tell(m_watch.folder(), m_runner->order(Runner::Order::Drop, ids)); !why.isEmpty())
        emit said(why);
}

void SweepPanel::showMembers(bool shown)
{
    m_tabs->setCurrentIndex(shown ? 1 : 0);
}

bool SweepPanel::isBusy() const
{
    return m_cost->isAsking() || m_submit.isRunning() || m_probing > 0 || (m_watch.isLooking() && m_members.members().empty());
}

QString SweepPanel::sentence() const
{
    const SweepWatch::Look& look = m_watch.look();
    const QString stopping = m_stopped.isValid() ? tr("Saving and ending…") : QString();
    if (look.running) {
        if (!stopping.isEmpty())
            return m_stopped.elapsed() > 10000 ? tr("It was asked to end and does not answer; Stop ends it now.") : stopping;
        if (m_paused)
            return tr("Paused.");
        QStringList parts{look.folder.members().empty() ? tr("Starting…") : tr("Running")};
        if (look.rate > 0)
            parts << tr("%1 tokens/s").arg(chart::number(look.rate, 3));
        if (look.left >= 0)
            parts << (look.left < 90 ? tr("about %1 s left").arg(look.left, 0, 'f', 0) : tr("about %1 min left").arg(look.left / 60, 0, 'f', 0));
        return parts.join(QStringLiteral(" · "));
    }
    if (!look.queue.why.isEmpty())
        return look.queue.why;
    if (look.queue.waiting + look.queue.running > 0)
        return tr("Slurm job %1: %2 parts run, %3 wait.").arg(look.queue.job).arg(look.queue.running).arg(look.queue.waiting);
    if (look.elsewhere)
        return tr("It runs elsewhere: its files still grow.");
    if (look.ending.known && !look.folder.isFinished() && m_runner) {
        const QString said = look.ending.said;
        const bool plain = look.ending.code == 0 || look.ending.code == 10 || look.ending.code == 11 || said.isEmpty();
        return m_runner->meaning(look.ending.code) + (plain ? QString() : QStringLiteral(" ") + said);
    }
    if (look.folder.isFinished())
        return tr("All members have ended.");
    if (!look.folder.problem().isEmpty() && !m_watch.folder().isEmpty())
        return look.folder.problem();
    return look.folder.members().empty() ? QString() : tr("It does not run; Go on trains what is not finished.");
}

void SweepPanel::showLook()
{
    const SweepWatch::Look& look = m_watch.look();
    const bool any = !m_watch.folder().isEmpty();
    const bool live = look.isLive();
    m_members.set(look.folder.members(), live);
    m_none->setVisible(!any);
    m_head->setVisible(any);
    m_state->setVisible(any);
    m_table->setVisible(any && !look.folder.members().empty());
    m_head->setText(look.folder.members().empty() ? QFileInfo(m_watch.folder()).fileName()
                                                  : (look.folder.name().isEmpty() ? QFileInfo(m_watch.folder()).fileName() : look.folder.name())
                                                        + QStringLiteral(" · %1 %").arg(int(100 * look.folder.progress())));
    m_head->setToolTip(m_watch.folder());
    const QString how = sentence();
    const bool bad = look.ending.known && !live && !look.folder.isFinished() && look.ending.code != 0 && look.ending.code != 10 && look.ending.code != 11;
    m_state->setProperty("role", bad ? QStringLiteral("warning") : QStringLiteral("second"));
    m_state->style()->polish(m_state);
    m_state->setText((bad ? QStringLiteral("⚠ ") : QString()) + how
                     + (look.folder.members().empty() ? QString() : QLatin1Char('\n') + summaryOf(look.folder.members())));
    m_pause->setVisible(look.running || look.elsewhere);
    m_pause->setText(m_paused ? tr("Resume") : tr("Pause"));
    m_stop->setVisible(live);
    m_stop->setText(m_stopped.isValid() ? tr("End now") : tr("Stop"));
    m_drop->setVisible(look.running || look.elsewhere);
    m_drop->setEnabled(m_table->selectionModel()->hasSelection());
    m_again->setVisible(any && !live && !look.folder.isFinished() && m_runner && QFile::exists(m_watch.folder() + QStringLiteral("/spec.json")));
    m_tabs->setTabText(1, live ? tr("Members · %1 %").arg(int(100 * look.folder.progress())) : tr("Members"));
    QStringList finished;
    if (m_watch.folder() == m_folder->text())
        for (const SweepMember& m : look.folder.members())
            if (m.state == SweepMember::State::Done || m.state == SweepMember::State::Diverged)
                finished << m.id;
    if (!live || m_tabs->currentIndex() == 0) {
        m_cost->setFinished(finished);
        showCost();
    }
}

void SweepPanel::sweepEnded()
{
    m_paused = false;
    m_stopped.invalidate();
    showLook();
    const SweepWatch::Look& look = m_watch.look();
    if (look.ending.known && look.ending.code != 0 && look.ending.code != 10 && look.ending.code != 11)
        emit said(tr("Sweep %1: %2").arg(QFileInfo(m_watch.folder()).fileName(), sentence()));
}
