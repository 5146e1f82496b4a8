// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/schedulepanel.h"

#include "app/chart/axis.h"
#include "core/figure/schedules.h"
#include "core/schedule/logged.h"
#include "core/schedule/write.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSaveFile>
#include <QTableWidget>

#include <algorithm>
#include <cmath>

// What the schedule designer computes and writes.

namespace {

// A kept schedule as the table names it: without what it has in common with the one designed.
QString shortName(const std::string& written, const schedule::Spec& beside)
{
    try {
        schedule::Spec spec = schedule::parse(written);
        if (spec.shape.steps == beside.shape.steps)
            spec.shape.steps = 0;
        if (spec.shape.peak == beside.shape.peak)
            spec.shape.peak = 0;
        std::erase_if(spec.shape.set, [&](const auto& option) {
            const auto it = beside.shape.set.find(option.first);
            return option.first.starts_with("warmup") && it != beside.shape.set.end() && it->second == option.second;
        });
        spec.shape.knots.clear();
        const std::string name = schedule::text(spec);
        const std::string_view own = schedule::get(spec.id).name;
        const auto colon = name.find(':');
        return QString::fromUtf8(own.data(), qsizetype(own.size())) + (colon == std::string::npos ? QString() : QStringLiteral(", ") + QString::fromStdString(name.substr(colon + 1)).replace(QLatin1Char(','), QStringLiteral(", ")));
    } catch (const std::exception&) {
        return QString::fromStdString(written);
    }
}

QString text(std::string_view s)
{
    return QString::fromUtf8(s.data(), qsizetype(s.size()));
}

}

void SchedulePanel::keep()
{
    ScheduleEntry next = m_session.workspace().schedule;
    const std::string now = schedule::text(spec());
    if (std::ranges::find(next.kept, now) != next.kept.end())
        return;
    next.kept.push_back(now);
    edit(tr("Keep a schedule"), next);
}

// Its corners, within a hundredth of the peak, become knots.
void SchedulePanel::drawByHand()
{
    const schedule::Spec now = spec();
    if (schedule::get(now.id).drawn)
        return;
    const std::vector<double> rates = schedule::rates(now);
    schedule::Spec next = schedule::parse("knots", now.shape);
    std::vector<double> steps, kept;
    for (auto t = std::size_t(schedule::warmupSteps(now.shape)); t < rates.size(); ++t) {
        steps.push_back(double(t) / now.shape.steps);
        kept.push_back(now.shape.peak > 0 ? rates[t] / now.shape.peak : 0);
    }
    next.shape.knots = schedule::simplified(steps, kept, .01);
    if (next.shape.knots.size() < 2)
        next.shape.knots = {{0, 1}, {1, .1}};
    setSpec(tr("Draw the schedule by hand"), next);
}

void SchedulePanel::takeFromRun(const data::Run& run)
{
    try {
        schedule::Spec next = schedule::fromLog(run);
        // A hundred knots cannot be dragged: the corners within a thousandth of the peak.
        if (next.shape.knots.size() > 40) {
            std::vector<double> x, y;
            for (const schedule::Knot& knot : next.shape.knots)
                x.push_back(knot.at <= 1 ? knot.at : knot.at / next.shape.steps), y.push_back(knot.factor);
            next.shape.knots = schedule::simplified(x, y, .002);
        }
        setSpec(tr("The schedule of %1").arg(text(run.name)), next);
    } catch (const std::exception& e) {
        emit said(QString::fromUtf8(e.what()));
    }
}

void SchedulePanel::fillRuns(QMenu* menu)
{
    menu->clear();
    const Session::Loaded shown = m_session.shown();
    for (std::size_t i = 0; i < shown.runs.size() && i < 30; ++i)
        if (std::ranges::any_of(shown.runs[i].series, [](const data::Series& s) {
                const QString name = text(s.name).toLower();
                return name == QLatin1String("lr") || name.contains(QLatin1String("learning")) || name.endsWith(QLatin1String("/lr"));
            }))
            menu->addAction(text(shown.entries[i].name), this, [this, run = shown.runs[i]] { takeFromRun(run); });
    if (menu->isEmpty())
        menu->addAction(tr("No run that is shown logs a learning rate"))->setEnabled(false);
}

void SchedulePanel::compute(const schedule::Spec& now, bool held)
{
    // While one is dragged the latest is computed next, so a slow law lags but never starves.
    if (held && m_job.isRunning()) {
        m_next = {now, held};
        return;
    }
    m_next.reset();
    const std::optional<fit::Fit> from = fit();
    m_job.start(
        [now, from, held, kept = m_session.workspace().schedule.kept, unit = lossUnit().toStdString()](const Tick& tick) {
            Answer out;
            std::vector<figure::DrawnSchedule> drawn;
            const auto add = [&](const schedule::Spec& spec, bool first) {
                if (tick && !tick(0))
                    throw Error("cancelled");
                figure::DrawnSchedule one{first ? std::string() : spec.id, schedule::rates(spec), {}};
                if (from) {
                    one.along = plan::along(*from, one.rates, {}, 160, first && !held);
                    plan::Scheduled end{.spec = spec, .loss = {one.along.loss.back(), {one.along.low.back(), one.along.high.back()}}};
                    if (!held)
                        end = plan::predicted(*from, spec);
                    out.ends.push_back(std::move(end));
                }
                drawn.push_back(std::move(one));
            };
            add(now, true);
            for (const std::string& one : kept) {
                try {
                    add(schedule::parse(one), false);
                } catch (const UsageError& e) {
                    out.problems.push_back(e.what());
                }
            }
            // More than a few names would cover the curves.
            for (std::size_t i = 4; i < drawn.size(); ++i)
                drawn[i].name.clear();
            out.picture = chart::prepare(figure::ofSchedules(drawn, unit));
            return out;
        },
        {.done = [this, held](Answer answer) { show(std::move(answer), held); },
         .failed =
             [this](QString why) {
                 m_problem->setText(why);
                 m_problem->show();
                 m_answer = Answer{};
                 emit answered();
             },
         .progress = {}});
}

void SchedulePanel::show(Answer answer, bool held)
{
    m_answer = std::move(answer);
    m_problem->setVisible(!m_answer->problems.empty());
    if (!m_answer->problems.empty())
        m_problem->setText(text(m_answer->problems.front()));
    const schedule::Spec now = spec();
    m_view->setPicture(m_answer->picture, true);
    m_knots->set(schedule::get(now.id).drawn ? now.shape.knots : std::vector<schedule::Knot>(), now.shape.steps, now.shape.peak);

    const auto& kept = m_session.workspace().schedule.kept;
    m_table->setRowCount(int(1 + (held ? std::min(kept.size(), m_answer->ends.size()) : kept.size())));
    const double mine = m_answer->ends.empty() ? NAN : m_answer->ends.front().loss.value;
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const auto i = std::size_t(row);
        const std::string name = row == 0 ? schedule::text(now) : kept[i - 1];
        const auto cell = [&](int at, const QString& value, bool number) {
            auto* item = new QTableWidgetItem(value);
            item->setTextAlignment((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
            item->setToolTip(text(name));
            m_table->setItem(row, at, item);
        };
        const auto end = std::ranges::find_if(m_answer->ends, [&](const plan::Scheduled& s) { return schedule::text(s.spec) == name; });
        const plan::Scheduled* one = row == 0 && !m_answer->ends.empty() ? &m_answer->ends.front() : end != m_answer->ends.end() ? &*end : nullptr;
        cell(0, row == 0 ? tr("this one") : shortName(name, now), false);
        cell(1, one ? QString::number(one->loss.value, 'f', 4) : QStringLiteral("–"), true);
        cell(2, one && row > 0 ? (one->loss.value >= mine ? QStringLiteral("+") : QStringLiteral("−")) + QString::number(std::abs(one->loss.value - mine), 'f', 4) : QString(), true);
        if (one && std::isfinite(one->loss.ci.lower))
            m_table->item(row, 1)->setToolTip(tr("%1 to %2").arg(chart::number(one->loss.ci.lower, 5), chart::number(one->loss.ci.upper, 5)));
    }
    m_table->resizeColumnToContents(1);
    m_table->resizeColumnToContents(2);
    if (!held && !m_answer->ends.empty() && m_answer->ends.front().extrapolation > 1.05) {
        m_problem->setText(tr("⚠ extrapolated ×%1 beyond the longest run fitted").arg(chart::number(m_answer->ends.front().extrapolation, 3)));
        m_problem->show();
    }
    if (m_next) {
        const auto [next, still] = *std::exchange(m_next, {});
        compute(next, still);
    }
    emit answered();
}

void SchedulePanel::optimise()
{
    const auto from = fit();
    if (!from)
        return;
    m_optimise->setText(tr("Cancel"));
    const schedule::Spec before = spec();
    m_search.start([from = *from, shape = before.shape](const Tick& tick) {
            schedule::Shape budget = shape;
            budget.knots.clear();
            // Only the warm-up of the other schedule is its budget.
            std::erase_if(budget.set, [](const auto& option) {
                return std::ranges::none_of(schedule::commonOptions(), [&](const schedule::Option& o) { return o.name == option.first; });
            });
            return plan::optimise(from, budget, {}, {}, tick);
        },
        {.done =
             [this, before](plan::Optimum best) {
                 m_optimise->setText(tr("Optimise"));
                 ScheduleEntry next = m_session.workspace().schedule;
                 // What it is to be compared with stays in sight.
                 const std::string was = schedule::text(before);
                 if (!schedule::get(before.id).drawn && std::ranges::find(next.kept, was) == next.kept.end())
                     next.kept.push_back(was);
                 next.spec = schedule::text(best.best.spec);
                 edit(tr("Optimise the schedule"), next);
                 QString found = tr("Lowest loss without a rise: %1, decaying from step %L2.").arg(chart::number(best.best.loss.value, 6)).arg(qint64(best.decayFrom));
                 if (std::abs(best.withoutRise - best.best.loss.value) > 1e-6)
                     found += QLatin1Char(' ') + tr("With the warm-up counted as distance only, as Luo et al. 2025 print it: %1.").arg(chart::number(best.withoutRise, 6));
                 for (const fit::Warning& warning : best.warnings)
                     found += QLatin1Char('\n') + QStringLiteral("⚠ ") + text(warning.message);
                 m_found->setText(found);
                 m_found->show();
             },
         .failed =
             [this](QString why) {
                 m_optimise->setText(tr("Optimise"));
                 m_problem->setText(why);
                 m_problem->show();
                 emit answered();
             },
         .progress =
             [this](double at) {
                 if (m_search.isRunning())
                     m_optimise->setText(tr("Cancel · %1 %").arg(int(100 * at)));
             }});
}

void SchedulePanel::cancel()
{
    m_search.cancel();
    m_optimise->setText(tr("Optimise"));
}

bool SchedulePanel::save(const QString& file)
{
    try {
        const schedule::Spec now = spec();
        const std::string bytes = schedule::as(QFileInfo(file).suffix().toStdString(), now, schedule::rates(now));
        QSaveFile out(file);
        if (!out.open(QIODevice::WriteOnly) || out.write(bytes.data(), qint64(bytes.size())) != qint64(bytes.size()) || !out.commit())
            throw Error("Cannot write '" + file.toStdString() + "': " + out.errorString().toStdString() + ".");
        emit said(tr("Wrote %1").arg(QFileInfo(file).fileName()));
        return true;
    } catch (const std::exception& e) {
        emit said(QString::fromUtf8(e.what()));
        return false;
    }
}

void SchedulePanel::askForFile(const QString& ending)
{
    auto* dialog = new QFileDialog(this, tr("Export the schedule"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(ending);
    dialog->setNameFilters({QStringLiteral("*.") + ending});
    dialog->selectFile(QStringLiteral("schedule.") + ending);
    connect(dialog, &QFileDialog::fileSelected, this, &SchedulePanel::save);
    dialog->open();
}
