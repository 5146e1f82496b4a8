// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/comparepanel.h"

#include "app/chart/axis.h"
#include "app/panel/chartbar.h"
#include "core/figure/fitview.h"
#include "core/law/formula.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <set>

namespace {

constexpr std::size_t most = 8;

}

std::vector<std::string> lawsToCompare(const data::Table& table, const fit::Spec& rows)
{
    const auto isReady = [&](const std::string& id) {
        try {
            return fit::ready(figure::withLaw(rows, id), table).isReady();
        } catch (const std::exception&) {
            return false;
        }
    };
    std::vector<std::string> ready;
    if (isReady(rows.law))
        ready.push_back(rows.law);
    for (const law::Law& law : law::all())
        if (std::string id(law.info.id); id != rows.law && isReady(id))
            ready.push_back(std::move(id));
    if (ready.empty())
        return {};
    const law::Law& first = law::get(ready.front());
    const auto inputs = [](const law::Law& law) {
        std::set<std::string_view> out;
        for (const law::Quantity& q : law.inputs)
            out.insert(q.id);
        return out;
    };
    std::erase_if(ready, [&](const std::string& id) {
        const law::Law& law = law::get(id);
        return law.output.id != first.output.id || law.curves != first.curves || inputs(law) != inputs(first);
    });
    ready.resize(std::min(ready.size(), most));
    return ready;
}

ComparePanel::ComparePanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_validation(new QComboBox), m_formula(new QLineEdit), m_formulaProblem(new QLabel),
      m_compare(new QPushButton(tr("Compare again"))), m_use(new QPushButton(tr("Use this law"))), m_work(new QWidget), m_workText(new QLabel),
      m_bar(new QProgressBar), m_table(new QTreeWidget), m_note(new QLabel), m_job(this)
{
    setObjectName(QStringLiteral("compare"));
    m_validation->setObjectName(QStringLiteral("validation"));
    m_validation->setAccessibleName(tr("How laws are judged"));
    for (const auto& [name, id, tip] : {std::tuple{tr("Judge as suits the rows"), "", tr("Held-out rows where there are some, else leave one out for curves, else larger rows")},
                                        {tr("Judge by held-out rows"), "holdout", tr("The rows that the fit holds out")},
                                        {tr("Judge by larger rows"), "rolling", tr("Fitted to the smaller half, 60 % ... 90 %, judged by the larger rest each time")},
                                        {tr("Leave one run out"), "leave-one-out", tr("Each run predicted from all others")}}) {
        m_validation->addItem(name, QString::fromLatin1(id));
        m_validation->setItemData(m_validation->count() - 1, tip, Qt::ToolTipRole);
    }
    m_formula->setObjectName(QStringLiteral("compareFormula"));
    m_formula->setPlaceholderText(tr("Add a formula, such as L = E + A/N^a"));
    m_formula->setAccessibleName(tr("Add a formula"));
    m_formula->setClearButtonEnabled(true);
    m_formula->setMinimumWidth(120);
    m_formulaProblem->setProperty("role", QStringLiteral("problem"));
    m_formulaProblem->setObjectName(QStringLiteral("compareFormulaProblem"));
    m_formulaProblem->setWordWrap(true);
    m_formulaProblem->hide();
    m_compare->setObjectName(QStringLiteral("compareAgain"));
    m_use->setObjectName(QStringLiteral("useLaw"));
    m_use->setToolTip(tr("Put the chosen law into the fit panel"));
    auto* top = new QHBoxLayout;
    top->setSpacing(6);
    top->addWidget(m_validation);
    top->addWidget(m_formula, 1);
    top->addWidget(m_compare);
    top->addWidget(m_use);

    m_bar->setTextVisible(false);
    m_bar->setRange(0, 1000);
    m_workText->setProperty("role", QStringLiteral("second"));
    auto* stop = barButton(tr("Cancel"), "cancelCompare", tr("Stop comparing"), false);
    auto* work = new QHBoxLayout(m_work);
    work->setContentsMargins(0, 0, 0, 0);
    work->setSpacing(8);
    work->addWidget(m_workText);
    work->addWidget(m_bar, 1);
    work->addWidget(stop);
    m_work->hide();

    m_table->setObjectName(QStringLiteral("laws"));
    m_table->setAccessibleName(tr("Laws compared"));
    m_table->setColumnCount(Columns);
    m_table->setHeaderLabels({tr("law"), tr("error, held out"), tr("RMSE"), tr("R²"), tr("ΔAICc"), tr("ΔBIC"), tr("free")});
    QTreeWidgetItem* head = m_table->headerItem();
    head->setToolTip(Mae, tr("Mean absolute error on rows the law has not seen, in the unit of what it predicts"));
    head->setToolTip(Rmse, tr("Root of the mean squared error on rows the law has not seen"));
    head->setToolTip(R2, tr("Share of the variance of held-out rows that is explained; below 0 their mean would predict better"));
    head->setToolTip(Aicc, tr("Akaike's criterion over the best, on the rows fitted; from 10 on a law has little support"));
    head->setToolTip(Bic, tr("Schwarz's criterion over the best, on the rows fitted"));
    head->setToolTip(Count, tr("Free parameters"));
    for (int i = 1; i < Columns; ++i)
        head->setTextAlignment(i, Qt::AlignRight | Qt::AlignVCenter);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setUniformRowHeights(true);
    // The arrow that tells the order stands at the right end of a title.
    m_table->header()->setStyleSheet(QStringLiteral("QHeaderView::section { padding-right: 18px; }"));
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(Mae, Qt::AscendingOrder);
    m_table->header()->setStretchLastSection(false);
    m_note->setProperty("role", QStringLiteral("warning"));
    m_note->setObjectName(QStringLiteral("compareNote"));
    m_note->setWordWrap(true);
    m_note->setTextFormat(Qt::RichText);
    m_note->hide();

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 2, 12, 4);
    column->setSpacing(6);
    column->addLayout(top);
    column->addWidget(m_formulaProblem);
    column->addWidget(m_work);
    column->addWidget(m_table);
    column->addWidget(m_note);

    m_wait.setSingleShot(true);
    m_wait.setInterval(350);
    connect(&m_wait, &QTimer::timeout, this, &ComparePanel::compare);
    connect(m_validation, &QComboBox::activated, this, [this] {
        ChartEntry next = m_entry;
        next.by = m_validation->currentData().toString().toStdString();
        emit asked(m_validation->currentText(), next);
    });
    connect(m_formula, &QLineEdit::returnPressed, this, &ComparePanel::addFormula);
    connect(m_compare, &QPushButton::clicked, this, [this] {
        m_made = {};
        compare();
    });
    connect(stop, &QToolButton::clicked, this, &ComparePanel::cancel);
    connect(m_use, &QPushButton::clicked, this, [this] {
        if (const fit::Spec spec = picked(); !spec.law.empty())
            emit lawPicked(spec);
    });
    connect(m_table, &QTreeWidget::itemDoubleClicked, this, [this] { m_use->click(); });
    connect(m_table, &QTreeWidget::currentItemChanged, this, [this] { m_use->setEnabled(!picked().law.empty()); });
    connect(m_table, &QTreeWidget::itemChanged, this, [this](QTreeWidgetItem* item, int column_) {
        if (m_filling || column_ != Name)
            return;
        const std::string law = item->data(Name, lawRole).toString().toStdString();
        ChartEntry next = m_entry;
        const bool on = item->checkState(Name) == Qt::Checked;
        std::erase(next.of, law);
        if (on)
            next.of.push_back(law);
        // The table is listed anew by that, and the item that tells of its change must not be deleted under it.
        QTimer::singleShot(0, this, [this, next, label = on ? tr("Compare %1").arg(lawName(law)) : tr("Leave out %1").arg(lawName(law))] {
            emit asked(label, next);
        });
    });
    connect(m_note, &QLabel::linkActivated, this, &ComparePanel::explainAsked);
    connect(&m_session, &Session::tableReady, this, &ComparePanel::refresh);
}

void ComparePanel::setTheme(const theme::Theme& t)
{
    m_theme = t;
    m_filled = {};
    refresh();
}

void ComparePanel::show(const ChartEntry& entry)
{
    if (m_entry.id != entry.id)
        m_result.reset(), m_made = {}, m_failure.clear();
    m_entry = entry;
    refresh();
}

ComparePanel::Asked ComparePanel::wanted() const
{
    return {.laws = m_entry.of, .by = m_entry.by, .rows = m_entry.rows, .table = m_session.table().get()};
}

void ComparePanel::refresh()
{
    if (m_entry.kind != "compare")
        return;
    {
        const QSignalBlocker quiet(m_validation);
        m_validation->setCurrentIndex(std::max(0, m_validation->findData(QString::fromStdString(m_entry.by))));
        // Nothing is held out: said where it is chosen.
        m_validation->setItemText(1, m_entry.rows.holdout.empty() ? tr("Judge by held-out rows (none are)")
                                                                  : tr("Judge by rows where %1").arg(QString::fromStdString(m_entry.rows.holdout)));
    }
    if (m_session.table() && m_made != wanted() && !m_wait.isActive())
        m_wait.start();
    fill();
}

void ComparePanel::compare()
{
    m_wait.stop();
    const Asked now = wanted();
    if (!m_session.table() || now == m_made)
        return;
    m_made = now;
    m_failure.clear();
    if (now.laws.empty()) {
        m_job.cancel();
        m_result.reset();
        m_failure = tr("No law is ticked; tick one or more to compare them.");
        say();
        emit compared();
        return;
    }
    std::vector<fit::Spec> specs;
    for (const std::string& law : now.laws)
        specs.push_back(figure::withLaw(now.rows, law));
    for (fit::Spec& spec : specs)
        spec.bootstrap = 0, spec.interval.clear();
    std::optional<fit::Validation> kind;
    if (!now.by.empty())
        try {
            kind = fit::validation(now.by);
        } catch (const std::exception&) {
        }
    std::vector<fit::Source> sources;
    for (const RunEntry& run : m_session.workspace().runs)
        if (const data::Run* loaded = m_session.isShown(run.hash) ? m_session.run(run.hash) : nullptr)
            sources.push_back({run.name, {}, loaded->source});
    m_table->setEnabled(!m_result);     // the old result stays, greyed
    m_workText->setText(specs.size() == 1 ? tr("Judging one law") : tr("Comparing %1 laws").arg(specs.size()));
    m_bar->setValue(0);
    m_work->show();
    m_job.start(
        [specs, table = m_session.table(), sources, kind](const Tick& tick) {
            // One alone that fails is told in its row, as among several.
            try {
                return fit::compare(specs, *table, sources, kind, 0, tick);
            } catch (const Error& e) {
                if (specs.size() > 1 || std::string_view(e.what()) == "cancelled")
                    throw;
                return fit::Comparison{.kind = kind.value_or(fit::Validation::Rolling), .laws = {{.spec = specs[0], .fit = {}, .validated = {}, .why = e.what()}}, .warnings = {}};
            }
        },
        {.done =
             [this](fit::Comparison made) {
                 m_result = std::make_shared<const fit::Comparison>(std::move(made));
                 m_work->hide();
                 m_filled = {};
                 fill();
                 say();
                 emit compared();
             },
         .failed =
             [this](QString why) {
                 m_result.reset();
                 m_failure = why;
                 m_work->hide();
                 m_filled = {};
                 fill();
                 say();
                 emit compared();
             },
         .progress = [this](double at) { m_bar->setValue(int(1000 * at)); }});
    emit compared();
}

void ComparePanel::cancel()
{
    m_job.cancel();
    m_work->hide();
    m_table->setEnabled(true);
    m_failure = m_result ? QString() : tr("The comparison was cancelled; press Compare again to make it.");
    emit compared();
}

void ComparePanel::addFormula()
{
    const std::string typed = m_formula->text().trimmed().toStdString();
    if (typed.empty())
        return;
    try {
        if (!law::isFormula(typed))
            throw UsageError("A formula has an = in it, such as L = E + A/N^a.");
        law::ofFormula(typed);
    } catch (const std::exception& e) {
        m_formulaProblem->setText(QString::fromUtf8(e.what()).toHtmlEscaped());
        m_formulaProblem->show();
        return;
    }
    m_formulaProblem->hide();
    m_formula->clear();
    ChartEntry next = m_entry;
    if (std::ranges::find(next.of, typed) == next.of.end())
        next.of.push_back(typed);
    emit asked(tr("Compare %1").arg(lawName(typed)), next);
}

void ComparePanel::say()
{
    m_table->setEnabled(true);
    QStringList lines;      // why there is no comparison stands where one looks for it, in the plot
    if (m_result)
        for (const fit::Warning& w : m_result->warnings)
            lines << QStringLiteral("⚠ %1 <a style=\"color:%3\" href=\"%2\">%4</a>")
                         .arg(QString::fromStdString(w.message).toHtmlEscaped(), QString::fromStdString(w.id), m_theme.accent.name(), tr("Explain"));
    m_note->setText(lines.join(QStringLiteral("<br>")));
    m_note->setVisible(!lines.isEmpty());
}
