// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/fitpanel.h"

#include "app/chart/axis.h"
#include "app/model/mathtext.h"
#include "app/panel/answers.h"
#include "app/panel/batchguide.h"
#include "app/panel/fitoptions.h"
#include "app/panel/formulafield.h"
#include "app/panel/icon.h"
#include "core/export/exporter.h"
#include "core/figure/fitview.h"
#include "core/law/formula.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace {

const QString ownFormula = QStringLiteral("=");

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
    m_laws->addItem(tr("Your own formula…"), ownFormula);
    m_law = law::all().front().info.id;
    m_formulaField = new FormulaField;
    m_formulaField->hide();
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
    column->addWidget(m_formulaField);

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
    m_options = new FitOptions;
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
    m_warnings->setTextInteractionFlags(Qt::TextBrowserInteraction);
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
    m_guide = new BatchGuide;
    rest->addWidget(m_guide);
    rest->addWidget(m_more, 0, Qt::AlignLeft);
    rest->addWidget(m_options);
    rest->addWidget(m_head);
    rest->addWidget(m_parameters);
    rest->addWidget(m_take);
    rest->addWidget(m_live);
    rest->addWidget(m_warnings);
    rest->addWidget(m_quality);
    m_answers = new Answers;
    rest->addWidget(m_answers);
    rest->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inside);
    column->addWidget(scroll, 1);

    connect(m_laws, &QComboBox::activated, this, [this] {
        m_chosen = true;
        const QString chosen = m_laws->currentData().toString();
        if (chosen != ownFormula) {
            draft(chosen.toStdString());
            return;
        }
        // A law of the catalogue is a formula to begin with where it can be written as one.
        std::string begin(law().info.formula);
        try {
            law::ofFormula(begin);
        } catch (const std::exception&) {
            begin = "L = E + A/N^a";
        }
        m_formulaField->setText(QString::fromStdString(begin));
        draft(begin);
        m_formulaField->edit();
    });
    connect(m_formulaField, &FormulaField::formulaTyped, this, [this](const std::string& formula) {
        m_chosen = true;
        law::ofFormula(formula);        // kept for as long as the program runs
        draft(formula);
    });
    connect(m_fit, &QPushButton::clicked, this, [this] {
        fit::Spec wanted = spec();
        if (m_law != wanted.law)
            wanted = m_draft;
        if (law::isFormula(wanted.law))
            FormulaField::remember(QString::fromStdString(wanted.law));
        emit fitAsked(wanted);
    });
    connect(m_more, &QToolButton::toggled, this, [this](bool open) {
        m_more->setIcon(icon(open ? "down" : "right", m_theme));
        m_options->setVisible(open);
    });
    connect(m_options, &FitOptions::asked, this, [this](const QString& label, const std::function<void(fit::Spec&)>& f) { change(label, f); });
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
    connect(m_guide, &BatchGuide::answerAsked, m_answers, qOverload<const QString&>(&Answers::choose));
    connect(m_guide, &BatchGuide::asked, this, [this](const QString& label, const std::function<void(fit::Spec&)>& f) { change(label, f); });
    connect(m_warnings, &QLabel::linkActivated, this, &FitPanel::explainAsked);
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
    const law::Law* known = law::find(m_law);
    return known ? *known : law::all().front();
}

// Another law is another fit: it is made when asked for.
void FitPanel::draft(const std::string& law)
{
    m_draft = figure::withLaw(spec(), law);
    m_law = law;
    showLaw();
}

void FitPanel::propose(const fit::Spec& spec)
{
    if (!law::find(spec.law))
        return;
    m_id.clear();
    m_draft = spec;
    setLaw(spec.law);
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
    m_formulaField->setTheme(t);
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
    if (!law::find(id))
        return;
    const int index = m_laws->findData(law::isFormula(id) ? QVariant(ownFormula) : QVariant(QString::fromStdString(id)));
    m_chosen = true;
    m_laws->setCurrentIndex(index);
    m_law = id;
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
    m_formulaField->setVisible(law.custom);
    if (m_shownLaw != law.info.id) {
        m_shownLaw = law.info.id;
        if (law.custom)
            m_formulaField->setText(QString::fromStdString(m_law));
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
            connect(row, &ParameterRow::profileAsked, this, [this, id] { emit viewAsked("profile", {id}); });
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
    m_options->show(law(), all);
    if (hasOptions(all) && !m_more->isChecked())
        m_more->setChecked(true);
    QStringList formulas;
    for (const FitEntry& fit : m_session.workspace().fits)
        if (law::isFormula(fit.spec.law))
            formulas << QString::fromStdString(fit.spec.law);
    m_formulaField->setInProject(formulas);
    m_fit->setEnabled(m_session.table() && m_columns->isReady());
    showResult();
    showProblem();
}
