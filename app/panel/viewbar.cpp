// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/viewbar.h"

#include "core/figure/fitview.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSignalBlocker>

#include <algorithm>

namespace {

QString text(std::string_view s)
{
    return QString::fromUtf8(s.data(), qsizetype(s.size()));
}

}

ViewBar::ViewBar(QWidget* parent) : QWidget(parent), m_view(new QComboBox), m_first(new QComboBox), m_second(new QComboBox)
{
    for (const auto& [box, name, tip] : {std::tuple{m_view, "fitView", tr("How the fit is looked at (V)")}, {m_first, "viewOf", tr("Of which parameter or column")},
                                         {m_second, "viewAnd", tr("And of which other parameter")}}) {
        box->setObjectName(QString::fromLatin1(name));
        box->setAccessibleName(tip);
        box->setToolTip(tip);
        box->setFixedHeight(28);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    }
    for (const figure::FitView& view : figure::fitViews()) {
        m_view->addItem(text(view.name), text(view.id));
        m_view->setItemData(m_view->count() - 1, text(view.meaning), Qt::ToolTipRole);
    }
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 0, 10, 2);
    row->setSpacing(6);
    row->addWidget(m_view);
    row->addWidget(m_first);
    row->addWidget(m_second);
    row->addStretch();
    connect(m_view, &QComboBox::activated, this, [this] {
        ChartEntry next = m_entry;
        next.view = m_view->currentData().toString().toStdString();
        next.of.clear();
        emit asked(tr("Look at %1").arg(m_view->currentText().toLower()), next);
    });
    for (QComboBox* box : {m_first, m_second})
        connect(box, &QComboBox::activated, this, &ViewBar::choose);
}

void ViewBar::choose()
{
    ChartEntry next = m_entry;
    next.of = {m_first->currentData().toString().toStdString()};
    if (next.view == "map")
        next.of.push_back(m_second->currentData().toString().toStdString());
    emit asked(tr("Look at %1 of %2").arg(m_view->currentText().toLower(), m_first->currentText()), next);
}

void ViewBar::show(const ChartEntry& entry, const Session& session)
{
    m_entry = entry;
    const QSignalBlocker quietView(m_view), quietFirst(m_first), quietSecond(m_second);
    m_view->setCurrentIndex(std::max(0, m_view->findData(QString::fromStdString(entry.view))));
    const fit::Fit* fit = session.result(entry.fit);
    const auto view = std::ranges::find(figure::fitViews(), std::string_view(entry.view), &figure::FitView::id);
    const int parameters = view == figure::fitViews().end() ? 0 : view->parameters;
    const bool column = entry.view == "residuals";
    m_first->setVisible(fit && (parameters > 0 || column));
    m_second->setVisible(fit && parameters > 1);
    if (!fit)
        return;
    m_first->clear();
    m_second->clear();
    if (column) {
        for (const std::string& id : figure::againstChoices(*fit, session.table().get()))
            m_first->addItem(id == "order" ? tr("order of the rows") : QString::fromStdString(id), QString::fromStdString(id));
    } else {
        for (const fit::Estimate& e : fit->parameters)
            if (!e.fixed)
                m_first->addItem(QString::fromStdString(figure::symbolOf(e.name)), QString::fromStdString(e.name));
    }
    const auto asked = [&](std::size_t i) { return i < entry.of.size() ? QString::fromStdString(entry.of[i]) : QString(); };
    m_first->setCurrentIndex(std::max(0, m_first->findData(column && entry.of.empty() ? QStringLiteral("predicted") : asked(0))));
    // Two different ones make a map.
    for (int i = 0; i < m_first->count(); ++i)
        if (i != m_first->currentIndex())
            m_second->addItem(m_first->itemText(i), m_first->itemData(i));
    m_second->setCurrentIndex(std::max(0, m_second->findData(asked(1))));
}
