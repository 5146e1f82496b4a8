// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/grouppanel.h"

#include "app/chart/axis.h"
#include "app/panel/chartbar.h"
#include "core/figure/fitview.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QSignalBlocker>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <set>

namespace {

constexpr std::size_t mostGroups = 12;

QString text(std::string_view s)
{
    return QString::fromUtf8(s.data(), qsizetype(s.size()));
}

QLabel* second(const QString& text)
{
    auto* label = new QLabel(text);
    label->setProperty("role", QStringLiteral("second"));
    return label;
}

}

std::vector<std::string> groupColumns(const data::Table& table)
{
    std::vector<std::string> out;
    for (const data::TextColumn& column : table.text) {
        std::set<std::int32_t> values;
        for (const std::int32_t code : column.code)
            if (code >= 0 && !column.levels[std::size_t(code)].empty())
                values.insert(code);
        if (values.size() > 1 && values.size() <= mostGroups)
            out.push_back(column.name);
    }
    for (const data::Table::Numbers& column : table.numbers) {
        std::set<double> values;
        for (const double v : column.values) {
            if (std::isfinite(v))
                values.insert(v);
            if (values.size() > mostGroups)
                break;
        }
        if (values.size() > 1 && values.size() <= mostGroups)
            out.push_back(column.name);
    }
    return out;
}

GroupPanel::GroupPanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_laws(new QComboBox), m_by(new QComboBox), m_shared(new QWidget), m_ticks(new QHBoxLayout(m_shared)),
      m_work(new QWidget), m_bar(new QProgressBar), m_table(new QTableWidget), m_note(new QLabel), m_job(this)
{
    setObjectName(QStringLiteral("groups"));
    m_laws->setObjectName(QStringLiteral("groupLaw"));
    m_laws->setAccessibleName(tr("Law fitted to each group"));
    m_by->setObjectName(QStringLiteral("groupBy"));
    m_by->setAccessibleName(tr("Column whose values are the groups"));
    m_by->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_ticks->setContentsMargins(0, 0, 0, 0);
    m_ticks->setSpacing(10);
    auto* top = new QHBoxLayout;
    top->setSpacing(6);
    top->addWidget(m_laws);
    top->addWidget(second(tr("by")));
    top->addWidget(m_by);
    top->addSpacing(8);
    top->addWidget(second(tr("one for all:")));
    top->addWidget(m_shared);
    top->addStretch(1);
    m_bar->setTextVisible(false);
    m_bar->setRange(0, 1000);
    auto* stop = barButton(tr("Cancel"), "cancelGroups", tr("Stop fitting"), false);
    auto* work = new QHBoxLayout(m_work);
    work->setContentsMargins(0, 0, 0, 0);
    work->addWidget(second(tr("Fitting the groups")));
    work->addWidget(m_bar, 1);
    work->addWidget(stop);
    m_work->hide();
    m_table->setObjectName(QStringLiteral("groupTable"));
    m_table->setAccessibleName(tr("Parameters of each group"));
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setMaximumHeight(210);
    m_table->verticalHeader()->setDefaultSectionSize(24);
    m_note->setProperty("role", QStringLiteral("warning"));
    m_note->setObjectName(QStringLiteral("groupNote"));
    m_note->setWordWrap(true);
    m_note->hide();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 2, 12, 4);
    column->setSpacing(6);
    column->addLayout(top);
    column->addWidget(m_work);
    column->addWidget(m_table);
    column->addWidget(m_note);

    connect(m_by, &QComboBox::activated, this, [this] {
        ChartEntry next = m_entry;
        next.by = m_by->currentData().toString().toStdString();
        emit asked(tr("Fit by %1").arg(m_by->currentText()), next);
    });
    connect(m_laws, &QComboBox::activated, this, [this] {
        ChartEntry next = m_entry;
        next.rows = figure::withLaw(next.rows, m_laws->currentData().toString().toStdString());
        next.of.clear();
        emit asked(tr("Fit %1 by %2").arg(m_laws->currentText(), m_by->currentText()), next);
    });
    connect(stop, &QToolButton::clicked, this, [this] {
        m_job.cancel();
        m_work->hide();
        m_table->setEnabled(true);
        m_failure = tr("The fits were cancelled; choose a column to make them.");
        emit fitted();
    });
    connect(m_note, &QLabel::linkActivated, this, &GroupPanel::explainAsked);
    connect(&m_session, &Session::tableReady, this, &GroupPanel::refresh);
}

void GroupPanel::setTheme(const theme::Theme& t)
{
    m_theme = t;
    fill();
}

void GroupPanel::show(const ChartEntry& entry)
{
    if (m_entry.id != entry.id)
        m_result.reset(), m_made = {}, m_failure.clear();
    m_entry = entry;
    refresh();
}

void GroupPanel::refresh()
{
    if (m_entry.kind != "groups" || !m_session.table())
        return;
    const data::Table& table = *m_session.table();
    const QSignalBlocker quietLaws(m_laws), quietBy(m_by);
    m_laws->clear();
    for (const law::Law& law : law::all())
        if (const fit::Spec spec = figure::withLaw(m_entry.rows, std::string(law.info.id)); spec.law == m_entry.rows.law || fit::ready(spec, table).isReady())
            m_laws->addItem(text(law.info.name), text(law.info.id));
    if (m_laws->findData(QString::fromStdString(m_entry.rows.law)) < 0)
        m_laws->addItem(QString::fromStdString(m_entry.rows.law), QString::fromStdString(m_entry.rows.law));
    m_laws->setCurrentIndex(m_laws->findData(QString::fromStdString(m_entry.rows.law)));
    m_by->clear();
    for (const std::string& name : groupColumns(table))
        m_by->addItem(QString::fromStdString(name), QString::fromStdString(name));
    if (const QString by = QString::fromStdString(m_entry.by); !by.isEmpty() && m_by->findData(by) < 0)
        m_by->addItem(by, by);
    m_by->setCurrentIndex(m_by->findData(QString::fromStdString(m_entry.by)));
    const law::Law* law = law::find(m_entry.rows.law);
    if (law && m_ticksOf != m_entry.rows.law) {
        m_ticksOf = m_entry.rows.law;
        qDeleteAll(m_shared->findChildren<QCheckBox*>(QString(), Qt::FindDirectChildrenOnly));
        for (const law::Param& p : law->params) {
            if (!std::isnan(p.fixed) && !m_entry.rows.freed.contains(std::string(p.id)))
                continue;
            auto* tick = new QCheckBox(QString::fromStdString(figure::symbolOf(p.id)));
            tick->setObjectName(QStringLiteral("shared-") + text(p.id));
            tick->setToolTip(tr("%1: one number for all groups").arg(text(p.meaning)));
            m_ticks->addWidget(tick);
            connect(tick, &QCheckBox::clicked, this, [this, id = std::string(p.id), symbol = tick->text()](bool on) {
                ChartEntry next = m_entry;
                std::erase(next.of, id);
                if (on)
                    next.of.push_back(id);
                emit asked(on ? tr("One %1 for all groups").arg(symbol) : tr("A %1 for each group").arg(symbol), next);
            });
        }
    }
    for (QCheckBox* tick : m_shared->findChildren<QCheckBox*>())
        tick->setChecked(std::ranges::find(m_entry.of, tick->objectName().mid(7).toStdString()) != m_entry.of.end());
    fit();
}

void GroupPanel::fit()
{
    const Asked now{.shared = m_entry.of, .by = m_entry.by, .rows = m_entry.rows, .table = m_session.table().get()};
    if (now == m_made)
        return;
    m_made = now;
    m_failure.clear();
    if (now.by.empty()) {
        m_job.cancel();
        m_result.reset();
        m_failure = tr("No column splits the rows into two to %1 groups; groups are values of a column such as a data set or an architecture.").arg(mostGroups);
        fill();
        emit fitted();
        return;
    }
    std::vector<fit::Source> sources;
    for (const RunEntry& run : m_session.workspace().runs)
        if (const data::Run* loaded = m_session.isShown(run.hash) ? m_session.run(run.hash) : nullptr)
            sources.push_back({run.name, {}, loaded->source});
    m_table->setEnabled(false);
    m_bar->setValue(0);
    m_work->show();
    m_job.start([now, table = m_session.table(), sources](const Tick& tick) { return fit::solveJoint(now.rows, *table, sources, now.by, now.shared, 0, tick); },
                {.done =
                     [this](fit::Joint made) {
                         m_result = std::make_shared<const fit::Joint>(std::move(made));
                         m_work->hide();
                         fill();
                         emit fitted();
                     },
                 .failed =
                     [this](QString why) {
                         m_result.reset();
                         m_failure = why;
                         m_work->hide();
                         fill();
                         emit fitted();
                     },
                 .progress = [this](double at) { m_bar->setValue(int(1000 * at)); }});
}

void GroupPanel::fill()
{
    m_table->setEnabled(true);
    m_table->setVisible(m_result != nullptr);
    QStringList lines;
    if (m_result) {
        for (const fit::Warning& w : m_result->warnings)
            lines << QStringLiteral("⚠ %1 <a style=\"color:%3\" href=\"%2\">%4</a>")
                         .arg(QString::fromStdString(w.message).toHtmlEscaped(), QString::fromStdString(w.id), m_theme.accent.name(), tr("Explain"));
        const fit::Joint& joint = *m_result;
        using chart::number;
        QStringList rows;
        for (const fit::Estimate& e : joint.fits.front().parameters)
            rows << QString::fromStdString(figure::symbolOf(e.name));
        rows << tr("rows") << tr("RMSE");
        m_table->clear();
        m_table->setRowCount(int(rows.size()));
        m_table->setColumnCount(int(joint.fits.size()));
        m_table->setVerticalHeaderLabels(rows);
        QStringList names;
        for (const std::string& name : joint.names)
            names << QString::fromStdString(name);
        m_table->setHorizontalHeaderLabels(names);
        const auto put = [&](int row, int column, const QString& shown, const QString& tip = {}) {
            auto* item = new QTableWidgetItem(shown);
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            item->setToolTip(tip);
            m_table->setItem(row, column, item);
        };
        for (std::size_t k = 0; k < joint.fits.size(); ++k) {
            const fit::Fit& f = joint.fits[k];
            m_table->horizontalHeaderItem(int(k))->setForeground(theme::seriesColor(m_theme, int(k)));
            for (std::size_t i = 0; i < f.parameters.size(); ++i) {
                const fit::Estimate& e = f.parameters[i];
                const bool shared = std::ranges::find(joint.shared, e.name) != joint.shared.end();
                const QString interval = e.fixed ? tr("fixed") : std::isfinite(e.ci.lower) && std::isfinite(e.ci.upper)
                    ? tr("%1 to %2").arg(number(e.ci.lower, 3), number(e.ci.upper, 3)) : tr("interval unknown");
                put(int(i), int(k), QStringLiteral("%1 (%2)").arg(number(e.value), interval), shared ? tr("one number for all groups") : QString());
            }
            put(int(f.parameters.size()), int(k), QString::number(f.n));
            put(int(f.parameters.size()) + 1, int(k), number(f.metrics.rmse));
        }
        m_table->resizeColumnsToContents();
        const int height = m_table->horizontalHeader()->sizeHint().height() + int(rows.size()) * 24 + 14;
        m_table->setFixedHeight(std::min(height, 230));
    }
    m_note->setText(lines.join(QStringLiteral("<br>")));
    m_note->setVisible(!lines.isEmpty());
}
