// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/stabilitypanel.h"

#include "app/chart/axis.h"
#include "core/figure/format.h"
#include "core/figure/stability.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <set>

namespace {

using chart::number;

QString text(std::string_view s)
{
    return QString::fromUtf8(s.data(), qsizetype(s.size()));
}

QString interval(const fit::Interval& ci)
{
    if (std::isnan(ci.lower))
        return {};
    const auto end = [](double v) { return std::isinf(v) ? QObject::tr("never") : number(v, 3); };
    return QObject::tr("%1 to %2").arg(end(ci.lower), end(ci.upper));
}

QString count(double v)
{
    return QString::fromStdString(figure::si(v));
}

using Rows = std::vector<QStringList>;

Rows sensitivityRows(const stability::Study& s)
{
    Rows rows{{QObject::tr("parameters"), QObject::tr("runs"), QObject::tr("sensitivity"), QObject::tr("interval"), QObject::tr("best loss"),
               QObject::tr("at rate"), QObject::tr("seeds"), QObject::tr("diverged")}};
    for (const auto& v : s.sensitivity)
        rows.push_back({count(v.N), text(s.arms[v.arm].name), number(v.value), interval(v.ci), number(v.best), number(v.bestRate),
                        QString::number(v.perSeed.size()), QString::number(v.diverged)});
    return rows;
}

Rows trialRows(const stability::Study& s)
{
    Rows rows{{QObject::tr("run"), QObject::tr("parameters"), QObject::tr("runs"), QObject::tr("rate"), QObject::tr("seed"), QObject::tr("ended"),
               QObject::tr("first sign"), QObject::tr("at step"), QObject::tr("largest logit")}};
    const auto known = [](double v) { return std::isnan(v) ? QStringLiteral("–") : number(v); };
    for (const bool bad : {true, false})
        for (const auto& t : s.trials)
            if ((t.verdict.diverged || t.verdict.cause != stability::Cause::None) == bad)
                rows.push_back({text(t.name), count(t.N), text(s.arms[t.arm].name), number(t.lr), known(t.seed),
                                t.verdict.diverged ? QObject::tr("diverged") : QObject::tr("loss %1").arg(number(t.loss)),
                                t.verdict.cause == stability::Cause::None ? QStringLiteral("–") : text(stability::name(t.verdict.cause)),
                                known(t.verdict.step), known(t.maxLogit)});
    return rows;
}

Rows growthRows(const stability::Study& s, const std::vector<stability::Growth>& all)
{
    Rows rows{{QObject::tr("rate"), QObject::tr("runs"), QObject::tr("sizes"),
               all.empty() ? QString() : QObject::tr("reaches %1 at").arg(count(all.front().limit)), QObject::tr("interval"),
               QObject::tr("largest size, foretold"), QObject::tr("interval"), QObject::tr("measured")}};
    for (const auto& g : all)
        rows.push_back({number(g.lr), text(s.arms[g.arm].name), QString::number(std::set<double>(g.N.begin(), g.N.end()).size()),
                        std::isnan(g.crossing) ? QObject::tr("not within reach") : QObject::tr("%1 parameters").arg(count(g.crossing)), interval(g.ci),
                        g.backTest ? number(g.backTest->predicted) : QStringLiteral("–"), g.backTest ? interval(g.backTest->ci) : QString(),
                        g.backTest ? number(g.backTest->value) : QStringLiteral("–")});
    return rows;
}

}

StabilityPanel::StabilityPanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_view(new QComboBox), m_at(new QComboBox), m_window(new QComboBox), m_table(new QTableWidget),
      m_found(new QLabel), m_note(new QLabel), m_job(this)
{
    setObjectName(QStringLiteral("stability"));
    const auto box = [](QComboBox* box, const char* name, const QString& tip) {
        box->setObjectName(QString::fromLatin1(name));
        box->setAccessibleName(tip);
        box->setToolTip(tip);
        box->setFixedHeight(28);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    };
    box(m_view, "stabilityView", tr("What is drawn"));
    box(m_at, "stabilityAt", tr("When attention logits are read: early is what the prediction is for, but short runs are still warming up then"));
    box(m_window, "stabilityWindow", tr("Learning rates over which the sensitivity is taken"));
    for (const figure::StabilityView& view : figure::stabilityViews()) {
        m_view->addItem(text(view.name), text(view.id));
        m_view->setItemData(m_view->count() - 1, text(view.tip), Qt::ToolTipRole);
    }
    for (const auto& [name, value] : {std::pair{tr("logits at 2 % of the steps"), ""}, {tr("at 10 %"), "at=0.1"}, {tr("at 50 %"), "at=0.5"}, {tr("at the end"), "at=1"}})
        m_at->addItem(name, QString::fromLatin1(value));
    m_window->addItem(tr("all rates"), QString());
    m_window->addItem(tr("three decades, shifted to the best"), QStringLiteral("decades=3"));
    auto* top = new QHBoxLayout;
    top->setSpacing(6);
    for (QComboBox* one : {m_view, m_window, m_at})
        top->addWidget(one);
    top->addStretch(1);
    m_table->setObjectName(QStringLiteral("stabilityTable"));
    m_table->setAccessibleName(tr("The numbers behind the picture"));
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(24);
    m_note->setProperty("role", QStringLiteral("warning"));
    m_note->setObjectName(QStringLiteral("stabilityNote"));
    m_note->setWordWrap(true);
    m_note->hide();
    m_found->setObjectName(QStringLiteral("stabilityFound"));
    m_found->setWordWrap(true);
    m_found->hide();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 2, 12, 4);
    column->setSpacing(6);
    column->addLayout(top);
    column->addWidget(m_table);
    column->addWidget(m_found);
    column->addWidget(m_note);

    connect(m_view, &QComboBox::activated, this, [this] {
        ChartEntry next = m_entry;
        next.view = m_view->currentData().toString().toStdString();
        emit asked(tr("Look at %1").arg(m_view->currentText().toLower()), next);
    });
    for (QComboBox* one : {m_at, m_window})
        connect(one, &QComboBox::activated, this, [this, one] {
            ChartEntry next = m_entry;
            next.of.clear();
            for (const QComboBox* each : {m_at, m_window})
                if (const QString value = each->currentData().toString(); !value.isEmpty())
                    next.of.push_back(value.toStdString());
            emit asked(tr("Study %1").arg(one->currentText()), next);
        });
    connect(&m_session, &Session::tableReady, this, &StabilityPanel::refresh);
}

void StabilityPanel::setTheme(const theme::Theme& t)
{
    m_theme = t;
    fill();
}

void StabilityPanel::show(const ChartEntry& entry)
{
    m_entry = entry;
    if (entry.kind != "stability")
        return;
    const QSignalBlocker quietView(m_view), quietAt(m_at), quietWindow(m_window);
    m_view->setCurrentIndex(std::max(0, m_view->findData(text(entry.view))));
    for (QComboBox* one : {m_at, m_window}) {
        one->setCurrentIndex(0);
        for (const std::string& of : entry.of)
            if (const int at = one->findData(text(of)); at >= 0)
                one->setCurrentIndex(at);
    }
    m_at->setVisible(entry.view == "logits");
    m_window->setVisible(entry.view.empty() || entry.view == "rates" || entry.view == "sensitivity");
    refresh();
    fill();
}

void StabilityPanel::refresh()
{
    if (m_entry.kind != "stability" || !m_session.table())
        return;
    if (m_madeFrom == m_session.table().get() && m_madeOf == m_entry.of && (m_result || !m_failure.isEmpty() || m_job.isRunning()))
        return;
    m_madeFrom = m_session.table().get();
    m_madeOf = m_entry.of;
    const auto done = [this](std::shared_ptr<const stability::Study> made, const QString& why) {
        m_result = std::move(made);
        m_failure = why;
        fill();
        emit studied();
    };
    m_job.start([runs = m_session.shown().runs, entry = m_entry](const Tick& tick) { return stability::study(runs, stability::specOf(entry.of), tick); },
                {.done = [done](stability::Study made) { done(std::make_shared<const stability::Study>(std::move(made)), {}); },
                 .failed = [done](QString why) { done(nullptr, why); },
                 .progress = {}});
}

void StabilityPanel::fill()
{
    m_table->setVisible(m_result != nullptr);
    m_found->hide();
    m_note->hide();
    if (!m_result || m_entry.kind != "stability")
        return;
    const stability::Study& s = *m_result;
    const std::string& view = m_entry.view;
    const Rows rows = view == "runs" ? trialRows(s) : view == "logits" ? growthRows(s, s.logitGrowth) : view == "gradients" ? growthRows(s, s.updateCollapse) : sensitivityRows(s);
    m_table->clear();
    m_table->setColumnCount(int(rows.front().size()));
    m_table->setRowCount(int(rows.size()) - 1);
    m_table->setHorizontalHeaderLabels(rows.front());
    for (int r = 0; r + 1 < int(rows.size()); ++r)
        for (int c = 0; c < int(rows.front().size()); ++c)
            m_table->setItem(r, c, new QTableWidgetItem(rows[std::size_t(r) + 1][c]));
    m_table->resizeColumnsToContents();
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setFixedHeight(std::min(m_table->horizontalHeader()->sizeHint().height() + (int(rows.size()) - 1) * 24 + 14, 190));
    m_table->setVisible(rows.size() > 1);

    QStringList lines, found;
    for (const fit::Warning& w : s.warnings)
        if ((w.id == "few-sizes" || w.id == "early-read") == (view == "logits" || view == "gradients") || w.id == "unread")
            lines << QStringLiteral("⚠ ") + text(w.message).toHtmlEscaped();
    if (view.empty() || view == "rates" || view == "sensitivity")
        for (const stability::Contrast& c : s.contrasts) {
            const QString said = c.ci.upper < 0 ? tr("lowers the sensitivity by %1 (%2)") : c.ci.lower > 0 ? tr("raises the sensitivity by %1 (%2)")
                : std::isnan(c.ci.lower) ? tr("changes the sensitivity by %1; one seed says nothing of the error") : tr("does not change the sensitivity that these seeds could tell: %1 (%2)");
            const double sign = c.ci.upper < 0 ? -1 : 1;
            const fit::Interval ci = sign < 0 ? fit::Interval{-c.ci.upper, -c.ci.lower} : c.ci;
            QString line = tr("%1 from %2 to %3, %4 parameters: ").arg(text(c.factor), text(c.from), text(c.to), count(c.N));
            line += std::isnan(c.ci.lower) ? said.arg(number(c.difference)) : said.arg(number(sign * c.difference, 3), interval(ci));
            found << line;
        }
    m_found->setText(found.join(QLatin1Char('\n')));
    m_found->setVisible(!found.isEmpty());
    m_note->setText(lines.join(QStringLiteral("<br>")));
    m_note->setVisible(!lines.isEmpty());
}
