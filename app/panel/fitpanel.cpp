// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/fitpanel.h"

#include "app/chart/axis.h"
#include "app/model/mathtext.h"
#include "core/law/law.h"

#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QTableView>
#include <QVBoxLayout>

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

QString quality(const fit::Fit& f)
{
    using chart::number;
    QString out = QObject::tr("%1 points").arg(f.n);
    if (!f.excluded.empty())
        out += QObject::tr(", %1 excluded").arg(f.excluded.size());
    out += QStringLiteral("<br>") + QObject::tr("R² %1, RMSE %2").arg(number(f.metrics.r2), number(f.metrics.rmse));
    if (f.holdout.n > 0)
        out += QStringLiteral("<br>") + QObject::tr("held out: %1 points, RMSE %2").arg(f.holdout.n).arg(number(f.holdout.rmse));
    out += QStringLiteral("<br>") + QObject::tr("%1 of %2 starts reached this minimum")
                                        .arg(f.starts.reachedBest).arg(f.starts.tried);
    out += QStringLiteral("<br>");
    out += f.interval == "bootstrap" ? QObject::tr("intervals from %1 resamples by %2")
                                           .arg(f.resamples).arg(QString::fromStdString(f.unit))
                                     : QObject::tr("intervals from the curvature at the minimum (Wald)");
    return out;
}

}

FitPanel::FitPanel(QWidget* parent) : QWidget(parent)
{
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    setMinimumWidth(240);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 12);
    column->setSpacing(8);

    m_laws = new QComboBox;
    m_laws->setObjectName(QStringLiteral("law"));
    m_laws->setAccessibleName(tr("Law"));
    m_laws->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_laws->setMinimumContentsLength(8);
    for (const law::Law& law : law::all())
        m_laws->addItem(text(law.info.name), text(law.info.id));
    m_fit = new QPushButton(tr("Fit"));
    m_fit->setObjectName(QStringLiteral("fit"));
    m_fit->setProperty("primary", true);
    column->addWidget(m_laws);
    column->addWidget(m_fit);

    m_formula = paragraph("formula");
    m_cite = paragraph("second");
    m_quality = paragraph("second");
    m_warnings = paragraph("warning");
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("parameters"));
    m_table->setModel(&m_model);
    m_table->setAccessibleName(tr("Parameters of the fit"));
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(26);
    m_table->horizontalHeader()->setMinimumSectionSize(30);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(ParameterModel::IntervalText, QHeaderView::Stretch);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->setShowGrid(false);
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);

    auto* inside = new QWidget;
    inside->setProperty("role", QStringLiteral("surface"));
    inside->setAttribute(Qt::WA_StyledBackground);
    auto* rest = new QVBoxLayout(inside);
    rest->setContentsMargins(0, 4, 0, 0);
    rest->setSpacing(8);
    rest->addWidget(m_formula);
    rest->addWidget(m_cite);
    rest->addWidget(m_table);
    rest->addWidget(m_warnings);
    rest->addWidget(m_quality);
    rest->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inside);
    column->addWidget(scroll, 1);

    connect(m_laws, &QComboBox::currentIndexChanged, this, &FitPanel::showLaw);
    connect(m_fit, &QPushButton::clicked, this, [this] { emit fitAsked(law()); });
    showLaw(m_laws->currentIndex());
    show(nullptr, theme::light());
}

QString FitPanel::law() const
{
    return m_laws->currentData().toString();
}

void FitPanel::setLaw(const std::string& id)
{
    const int index = m_laws->findData(QString::fromStdString(id));
    if (index >= 0)
        m_laws->setCurrentIndex(index);
}

void FitPanel::showLaw(int index)
{
    if (index < 0)
        return;
    const law::Law& law = law::all()[std::size_t(index)];
    m_formula->setText(QStringLiteral("<span style=\"font-size:15px; font-family:serif\">") +
                       richMath(law.info.latex) + QStringLiteral("</span>"));
    m_laws->setToolTip(text(law.info.name));
    m_cite->setText(text(law.info.cite).toHtmlEscaped());
    m_cite->setToolTip(text(law.info.help));
}

void FitPanel::show(const fit::Fit* fit, const theme::Theme& t)
{
    m_model.set(fit, t);
    m_table->setVisible(fit);
    m_quality->setVisible(fit);
    m_warnings->setVisible(fit && !fit->warnings.empty());
    m_fit->setText(fit ? tr("Fit again") : tr("Fit"));
    setStale(false);
    if (!fit)
        return;
    m_table->setFixedHeight(26 * m_model.rowCount() + m_table->horizontalHeader()->sizeHint().height() + 2);
    m_quality->setText(quality(*fit));
    QStringList lines;
    for (const fit::Warning& warning : fit->warnings)
        lines << QStringLiteral("⚠ ") + QString::fromStdString(warning.message).toHtmlEscaped();
    m_warnings->setText(lines.join(QStringLiteral("<br>")));
}

void FitPanel::setStale(bool stale)
{
    m_table->setEnabled(!stale);
    m_quality->setEnabled(!stale);
}

void FitPanel::setReady(bool ready)
{
    m_fit->setEnabled(ready);
}
