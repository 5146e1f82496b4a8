// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/model/parametermodel.h"

#include "app/chart/axis.h"
#include "app/model/mathtext.h"
#include "core/law/law.h"

#include <QFont>

#include <cmath>

void ParameterModel::set(const fit::Fit* fit, const theme::Theme& t)
{
    beginResetModel();
    m_rows.clear();
    m_theme = t;
    if (fit) {
        m_level = int(std::lround(fit->spec.level * 100));
        const law::Law* law = law::find(fit->spec.law);
        for (const fit::Estimate& e : fit->parameters) {
            const int i = law ? law->index(e.name) : -1;
            Row row{.symbol = QString::fromStdString(e.name), .meaning = {}, .value = chart::number(e.value),
                    .interval = {}, .atBound = e.atBound, .fixed = e.fixed};
            if (i >= 0) {
                const law::Param& p = law->params[std::size_t(i)];
                row.symbol = chart::plain(richMath(p.symbol));
                row.meaning = QString::fromUtf8(p.meaning.data(), qsizetype(p.meaning.size()));
            }
            if (e.fixed)
                row.interval = tr("fixed");
            else if (e.atBound)
                row.interval = tr("at its bound");
            else if (std::isfinite(e.ci.lower) && std::isfinite(e.ci.upper))
                row.interval = chart::number(e.ci.lower) + QStringLiteral(" to ") + chart::number(e.ci.upper);
            else
                row.interval = tr("unknown");
            m_rows.push_back(std::move(row));
        }
    }
    endResetModel();
}

int ParameterModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ParameterModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QVariant ParameterModel::data(const QModelIndex& at, int role) const
{
    if (!checkIndex(at, CheckIndexOption::IndexIsValid))
        return {};
    const Row& row = m_rows[std::size_t(at.row())];
    switch (role) {
    case Qt::DisplayRole: return at.column() == Symbol ? row.symbol : at.column() == Value ? row.value : row.interval;
    case Qt::ToolTipRole: return row.meaning;
    case Qt::TextAlignmentRole:
        return int((at.column() == Symbol ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::ForegroundRole:
        if (at.column() == IntervalText)
            return row.atBound ? m_theme.warn : m_theme.text2;
        return m_theme.text;
    case Qt::FontRole:
        if (at.column() == Symbol) {
            QFont font;
            font.setItalic(true);
            font.setPixelSize(13);
            return font;
        }
        return {};
    default: return {};
    }
}

QVariant ParameterModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= Columns)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == Symbol ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role == Qt::AccessibleTextRole && section == Symbol)
        return tr("Parameter");
    if (role != Qt::DisplayRole)
        return {};
    if (section == IntervalText)
        return tr("%1 % interval").arg(m_level);
    return section == Symbol ? QString() : tr("Value");
}
