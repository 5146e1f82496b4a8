// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/fitpanel.h"

#include "app/chart/axis.h"
#include "app/model/mathtext.h"
#include "app/panel/icon.h"
#include "core/export/exporter.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace {

QString text(std::string_view s)
{
    return QString::fromUtf8(s.data(), qsizetype(s.size()));
}

QLabel* paragraph(const char* role)
{
    auto* label = new QLabel;
    label->setWordWrap(true);
    label->setTextFormat(Qt::RichText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setProperty("role", QString::fromLatin1(role));
    return label;
}

}

FitPanel::FitPanel(Session& session, QWidget* parent) : QWidget(parent), m_session(session)
{
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    setMinimumWidth(236);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 0, 8);
    column->setSpacing(8);

    m_laws = new QComboBox;
    m_laws->setObjectName(QStringLiteral("law"));
    m_laws->setAccessibleName(tr("Law"));
    m_laws->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_laws->setMinimumContentsLength(8);
    for (const law::Law& law : law::all()) {
        m_laws->addItem(text(law.info.name), text(law.info.id));
        m_laws->setItemData(m_laws->count() - 1, text(law.info.formula), Qt::ToolTipRole);
    }
    m_fit = new QPushButton(tr("Fit"));
    m_fit->setObjectName(QStringLiteral("fit"));
    m_fit->setProperty("primary", true);
    m_fit->setToolTip(tr("Fit the law to the runs shown (Ctrl+Return)"));
    auto* top = new QHBoxLayout;
    top->setContentsMargins(0, 0, 12, 0);
    top->setSpacing(6);
    top->addWidget(m_laws, 1);
    top->addWidget(m_fit);
    column->addLayout(top);

    m_problem = paragraph("problem");
    m_problem->setObjectName(QStringLiteral("fitProblem"));
    m_problem->setContentsMargins(0, 0, 12, 0);
    column->addWidget(m_problem);

    m_formula = paragraph("formula");
    m_cite = paragraph("second");
    m_columns = new ColumnChoice;
    m_more = new QToolButton;
    m_more->setObjectName(QStringLiteral("options"));
    m_more->setProperty("role", QStringLiteral("link"));
    m_more->setText(tr("Rows and intervals"));
    m_more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_more->setCheckable(true);
    m_options = new QWidget;
    auto* options = new QVBoxLayout(m_options);
    options->setContentsMargins(22, 0, 0, 0);
    options->setSpacing(4);
    const auto field = [&](const QString& placeholder, const char* name, const QString& tip) {
        auto* e = new QLineEdit;
        e->setObjectName(QString::fromLatin1(name));
        e->setPlaceholderText(placeholder);
        e->setToolTip(tip);
        e->setAccessibleName(tip);
        e->setClearButtonEnabled(true);
        options->addWidget(e);
        return e;
    };
    m_where = field(tr("Fit rows where…"), "where", tr("Only these rows are fitted, such as N>1e8 and tokens<=2e10"));
    m_holdout = field(tr("Hold out rows where…"), "holdout",
                      tr("These rows are predicted, not fitted: the error on them is what an extrapolation is worth"));
    m_rowsOf = new QComboBox;
    m_rowsOf->setObjectName(QStringLiteral("rowsOf"));
    m_rowsOf->setAccessibleName(tr("Rows of a log"));
    m_rowsOf->addItem(tr("The last record of each run"), QString());
    m_rowsOf->addItem(tr("Every step of each run"), QStringLiteral("all"));
    options->addWidget(m_rowsOf);
    m_interval = new QComboBox;
    m_interval->setObjectName(QStringLiteral("interval"));
    m_interval->setAccessibleName(tr("Intervals"));
    m_interval->addItem(tr("Wald intervals, at once"), 0);
    m_interval->addItem(tr("Bootstrap, 200 resamples"), 200);
    m_interval->addItem(tr("Bootstrap, 1,000 resamples"), 1000);
    m_interval->addItem(tr("Bootstrap, 4,000 resamples"), 4000);
    options->addWidget(m_interval);
    m_options->hide();

    m_head = paragraph("second");
    m_head->setAlignment(Qt::AlignRight);
    m_parameters = new QWidget;
    m_parameters->setObjectName(QStringLiteral("parameters"));
    m_parameters->setAccessibleName(tr("Parameters"));
    m_rows = new QVBoxLayout(m_parameters);
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setSpacing(0);
    m_live = paragraph("second");
    m_live->setObjectName(QStringLiteral("live"));
    m_warnings = paragraph("warning");
    m_warnings->setObjectName(QStringLiteral("fitWarnings"));
    m_quality = paragraph("second");
    m_quality->setObjectName(QStringLiteral("quality"));

    m_take = new QWidget;
    auto* take = new QHBoxLayout(m_take);
    take->setContentsMargins(0, 0, 0, 0);
    take->setSpacing(6);
    auto* copy = new QToolButton;
    copy->setObjectName(QStringLiteral("copyFit"));
    copy->setProperty("role", QStringLiteral("bar"));
    copy->setText(tr("Copy as"));
    copy->setPopupMode(QToolButton::InstantPopup);
    copy->setToolTip(tr("The parameters with their intervals, to paste into a paper or a table"));
    auto* formats = new QMenu(copy);
    for (const exporter::FitExporter& format : exporter::fits())
        formats->addAction(text(format.name), this, [this, id = text(format.id)] { emit copyAsked(id); })
            ->setObjectName(QStringLiteral("copy-") + text(format.id));
    copy->setMenu(formats);
    auto* save = new QToolButton;
    save->setObjectName(QStringLiteral("saveFit"));
    save->setProperty("role", QStringLiteral("bar"));
    save->setText(tr("Export…"));
    save->setToolTip(tr("Write the parameters as CSV, JSON, LaTeX or Markdown"));
    take->addWidget(copy);
    take->addWidget(save);
    take->addStretch();

    auto* inside = new QWidget;
    inside->setProperty("role", QStringLiteral("surface"));
    inside->setAttribute(Qt::WA_StyledBackground);
    auto* rest = new QVBoxLayout(inside);
    rest->setContentsMargins(0, 0, 12, 0);
    rest->setSpacing(6);
    rest->addWidget(m_formula);
    rest->addWidget(m_cite);
    rest->addWidget(m_columns);
    rest->addWidget(m_more, 0, Qt::AlignLeft);
    rest->addWidget(m_options);
    rest->addWidget(m_head);
    rest->addWidget(m_parameters);
    rest->addWidget(m_take);
    rest->addWidget(m_live);
    rest->addWidget(m_warnings);
    rest->addWidget(m_quality);
    rest->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inside);
    column->addWidget(scroll, 1);

    connect(m_laws, &QComboBox::activated, this, [this] {
        m_chosen = true;
        // Another law is another fit: it is made when asked for.
        m_draft = spec();
        m_draft.law = m_laws->currentData().toString().toStdString();
        for (auto* of : {&m_draft.fixed, &m_draft.start})
            of->clear();
        m_draft.bounds.clear();
        m_draft.freed.clear();
        m_draft.map.clear();
        m_draft.objective.reset();
        showLaw();
    });
    connect(m_fit, &QPushButton::clicked, this, [this] {
        fit::Spec wanted = spec();
        if (m_laws->currentData().toString().toStdString() != wanted.law)
            wanted = m_draft;
        emit fitAsked(wanted);
    });
    connect(m_more, &QToolButton::toggled, this, [this](bool open) {
        m_more->setIcon(icon(open ? "down" : "right", m_theme));
        m_options->setVisible(open);
    });
    connect(m_where, &QLineEdit::editingFinished, this, [this] {
        const std::string to = m_where->text().trimmed().toStdString();
        if (to != spec().where)
            change(to.empty() ? tr("Fit all rows") : tr("Fit rows where %1").arg(m_where->text()), [&](fit::Spec& s) { s.where = to; });
    });
    connect(m_holdout, &QLineEdit::editingFinished, this, [this] {
        const std::string to = m_holdout->text().trimmed().toStdString();
        if (to != spec().holdout)
            change(to.empty() ? tr("Hold nothing out") : tr("Hold out rows where %1").arg(m_holdout->text()),
                   [&](fit::Spec& s) { s.holdout = to; });
    });
    connect(m_interval, &QComboBox::activated, this, [this] {
        const int resamples = m_interval->currentData().toInt();
        change(m_interval->currentText(), [&](fit::Spec& s) { s.bootstrap = resamples; });
    });
    connect(m_rowsOf, &QComboBox::activated, this, [this] {
        const std::string rows = m_rowsOf->currentData().toString().toStdString();
        change(tr("Fit %1").arg(m_rowsOf->currentText().toLower()), [&](fit::Spec& s) {
            if (rows.empty())
                s.set.erase("rows");
            else
                s.set["rows"] = rows;
        });
    });
    connect(m_columns, &ColumnChoice::asked, this, [this](const std::string& quantity, const QString& columnName) {
        change(columnName.isEmpty() ? tr("Guess the column of %1").arg(QString::fromStdString(quantity))
                                    : tr("Read %1 from %2").arg(QString::fromStdString(quantity), columnName),
               [&](fit::Spec& s) {
                   if (columnName.isEmpty())
                       s.map.erase(quantity);
                   else
                       s.map[quantity] = columnName.toStdString();
               });
    });
    connect(save, &QToolButton::clicked, this, &FitPanel::exportAsked);
    connect(&m_session, &Session::workspaceChanged, this, &FitPanel::refresh);
    connect(&m_session, &Session::tableReady, this, &FitPanel::refresh);
    connect(&m_session, &Session::tableReady, this, &FitPanel::guessLaw);
    connect(&m_session, &Session::shownChanged, this, &FitPanel::refresh);
    connect(&m_session, &Session::fitted, this, &FitPanel::refresh);
    connect(&m_session, &Session::previewReady, this, &FitPanel::showResult);
    refresh();
}

const law::Law& FitPanel::law() const
{
    const law::Law* known = law::find(m_laws->currentData().toString().toStdString());
    return known ? *known : law::all().front();
}

fit::Spec FitPanel::spec() const
{
    const auto& fits = m_session.workspace().fits;
    const auto entry = std::ranges::find(fits, m_id, &FitEntry::id);
    return entry == fits.end() ? m_draft : entry->spec;
}

ParameterRow* FitPanel::row(const QString& parameter) const
{
    return m_parameters->findChild<ParameterRow*>(QStringLiteral("row-") + parameter);
}

void FitPanel::setTheme(const theme::Theme& t)
{
    m_theme = t;
    m_columns->setTheme(t);
    m_more->setIcon(icon(m_more->isChecked() ? "down" : "right", t));
    refresh();
}

void FitPanel::setFit(const std::string& id)
{
    m_id = id;
    if (!id.empty())
        setLaw(spec().law);
    refresh();
}

void FitPanel::setLaw(const std::string& id)
{
    const int index = m_laws->findData(QString::fromStdString(id));
    if (index < 0)
        return;
    m_chosen = true;
    m_laws->setCurrentIndex(index);
    if (m_id.empty())
        m_draft.law = id;
    showLaw();
}

// Until someone chooses, the first law whose inputs are there.
void FitPanel::guessLaw()
{
    if (!m_id.empty() || m_chosen || !m_session.table() || m_columns->isReady())
        return;
    for (const law::Law& law : law::all()) {
        fit::Spec spec;
        spec.law = law.info.id;
        if (!fit::ready(spec, *m_session.table()).isReady())
            continue;
        setLaw(spec.law);
        m_chosen = false;
        return;
    }
}

template <class F>
void FitPanel::change(const QString& label, F&& f)
{
    Workspace next = m_session.workspace();
    const auto entry = std::ranges::find(next.fits, m_id, &FitEntry::id);
    if (entry == next.fits.end() || entry->spec.law != law().info.id) {
        f(m_draft);
        refresh();
        return;
    }
    f(entry->spec);
    m_session.edit(label, next);
}

QString FitPanel::symbolOf(const law::Param& p) const
{
    return chart::plain(richMath(p.symbol));
}

void FitPanel::preview(const std::string& parameter, double value)
{
    if (!m_id.empty() && m_session.result(m_id) && spec().law == law().info.id)
        m_session.preview(m_id, {{parameter, value}});
}

void FitPanel::showLaw()
{
    const law::Law& law = this->law();
    if (m_shownLaw != law.info.id) {
        m_shownLaw = law.info.id;
        m_formula->setText(QStringLiteral("<span style=\"font-size:15px; font-family:serif\">") +
                           richMath(law.info.latex) + QStringLiteral("</span>"));
        m_laws->setToolTip(text(law.info.name));
        m_cite->setText(text(law.info.cite).toHtmlEscaped());
        m_cite->setToolTip(QStringLiteral("<p>") + text(law.info.help).toHtmlEscaped() + QStringLiteral("</p>"));
        m_formula->setToolTip(m_cite->toolTip());
        qDeleteAll(m_row);
        m_row.clear();
        for (const law::Param& p : law.params) {
            auto* row = new ParameterRow(p);
            const std::string id(p.id);
            const QString symbol = symbolOf(p);
            connect(row, &ParameterRow::dragged, this, [this, id](double v) { preview(id, v); });
            connect(row, &ParameterRow::givenUp, this, [this] { m_session.endPreview(); });
            connect(row, &ParameterRow::startAsked, this, [this, id, symbol](double v) {
                const bool fixed = m_row[std::size_t(this->law().index(id))]->isFixed();
                change((fixed ? tr("Fix %1 at %2") : tr("Start %1 at %2")).arg(symbol, chart::number(v)), [&](fit::Spec& s) {
                    (fixed ? s.fixed : s.start)[id] = v;
                });
                m_session.endPreview();
            });
            connect(row, &ParameterRow::fixAsked, this, [this, id, symbol, row, isFixed = !std::isnan(p.fixed)](bool fixed) {
                const double v = row->value();
                change(fixed ? tr("Fix %1 at %2").arg(symbol, chart::number(v)) : tr("Free %1").arg(symbol), [&](fit::Spec& s) {
                    s.freed.erase(id);
                    s.fixed.erase(id);
                    if (fixed && std::isfinite(v))
                        s.fixed[id] = v;
                    else if (!fixed && isFixed)
                        s.freed[id] = true;
                });
            });
            connect(row, &ParameterRow::boundsAsked, this, [this, id, symbol](double low, double high) {
                change(tr("Bound %1 to %2 … %3").arg(symbol, chart::number(low), chart::number(high)),
                       [&](fit::Spec& s) { s.bounds[id] = {low, high}; });
            });
            connect(row, &ParameterRow::resetAsked, this, [this, id, symbol] {
                change(tr("Reset %1").arg(symbol), [&](fit::Spec& s) {
                    s.fixed.erase(id);
                    s.freed.erase(id);
                    s.start.erase(id);
                    s.bounds.erase(id);
                });
            });
            connect(row, &ParameterRow::refused, this, [this](const QString& why) {
                m_problem->setText(why.toHtmlEscaped());
                m_problem->show();
            });
            m_rows->addWidget(row);
            m_row.push_back(row);
        }
    }
    refresh();
}

void FitPanel::refresh()
{
    if (m_shownLaw.empty()) {
        showLaw();      // comes back here
        return;
    }
    if (!m_id.empty() && std::ranges::find(m_session.workspace().fits, m_id, &FitEntry::id) == m_session.workspace().fits.end())
        m_id.clear();
    const fit::Spec all = spec().law == law().info.id ? spec() : m_draft;
    m_columns->show(law(), all, m_session.table().get());
    const auto put = [](QLineEdit* e, const std::string& s) {
        if (!e->hasFocus())
            e->setText(QString::fromStdString(s));
    };
    put(m_where, all.where);
    put(m_holdout, all.holdout);
    m_interval->setCurrentIndex(std::max(0, m_interval->findData(all.bootstrap)));
    const auto rows = all.set.find("rows");
    m_rowsOf->setCurrentIndex(rows != all.set.end() && rows->second == "all" ? 1 : 0);
    m_rowsOf->setVisible(!law().curves);    // laws over curves read every step anyway
    if ((!all.where.empty() || !all.holdout.empty() || all.bootstrap > 0 || rows != all.set.end()) && !m_more->isChecked())
        m_more->setChecked(true);
    m_fit->setEnabled(m_session.table() && m_columns->isReady());
    showResult();
    showProblem();
}
