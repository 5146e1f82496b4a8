// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/columnchoice.h"

#include "app/panel/icon.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

namespace {

QString text(std::string_view s)
{
    return QString::fromUtf8(s.data(), qsizetype(s.size()));
}

}

ColumnChoice::ColumnChoice(QWidget* parent)
    : QWidget(parent), m_open(new QToolButton), m_summary(new QLabel), m_boxes(new QWidget), m_grid(new QGridLayout(m_boxes))
{
    m_open->setObjectName(QStringLiteral("columns"));
    m_open->setProperty("role", QStringLiteral("row"));
    m_open->setCheckable(true);
    m_open->setFixedSize(18, 18);
    m_open->setToolTip(tr("Choose the columns the law reads"));
    m_open->setAccessibleName(m_open->toolTip());
    m_summary->setProperty("role", QStringLiteral("second"));
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::RichText);
    auto* line = new QHBoxLayout;
    line->setSpacing(4);
    line->addWidget(m_open, 0, Qt::AlignTop);
    line->addWidget(m_summary, 1);
    m_grid->setContentsMargins(22, 4, 0, 0);
    m_grid->setVerticalSpacing(4);
    m_grid->setColumnStretch(1, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(line);
    column->addWidget(m_boxes);
    connect(m_open, &QToolButton::toggled, this, &ColumnChoice::setOpen);
    setOpen(false);
}

void ColumnChoice::setOpen(bool open)
{
    m_open->setIcon(icon(open ? "down" : "right", m_theme));
    m_boxes->setVisible(open);
}

void ColumnChoice::setTheme(const theme::Theme& t)
{
    m_theme = t;
    setOpen(m_open->isChecked());
}

void ColumnChoice::show(const law::Law& law, const fit::Spec& spec, const data::Table* table)
{
    m_ready = false;
    m_missing.clear();
    m_open->setVisible(table);
    if (!table) {
        m_summary->setText({});
        m_boxes->hide();
        return;
    }
    std::vector<law::Quantity> quantities(law.inputs.begin(), law.inputs.end());
    quantities.push_back(law.output);
    if (m_law != law.info.id || m_box.size() != quantities.size()) {
        m_law = law.info.id;
        while (QLayoutItem* item = m_grid->takeAt(0)) {
            delete item->widget();
            delete item;
        }
        m_box.clear();
        for (std::size_t i = 0; i < quantities.size(); ++i) {
            const std::string id(quantities[i].id);
            auto* label = new QLabel(text(quantities[i].name));
            label->setProperty("role", QStringLiteral("second"));
            auto* box = new QComboBox;
            box->setObjectName(QStringLiteral("column-") + QString::fromStdString(id));
            box->setAccessibleName(tr("Column of %1").arg(text(quantities[i].name)));
            box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
            box->setMinimumContentsLength(6);
            box->setEditable(true);
            box->setInsertPolicy(QComboBox::NoInsert);
            box->setToolTip(tr("A column, or an expression of columns such as .5*loss_a + .5*loss_b"));
            connect(box, &QComboBox::activated, this, [this, box, id] {
                box->lineEdit()->setModified(false);
                emit asked(id, box->currentData().toString());
            });
            connect(box->lineEdit(), &QLineEdit::editingFinished, this, [this, box, id] {
                if (!box->lineEdit()->isModified() || box->findText(box->currentText()) >= 0)
                    return;
                box->lineEdit()->setModified(false);
                emit asked(id, box->currentText().trimmed());
            });
            m_grid->addWidget(label, int(i), 0);
            m_grid->addWidget(box, int(i), 1);
            m_box.push_back(box);
        }
    }
    const fit::Readiness ready = fit::ready(spec, *table);
    QStringList parts, missing;
    for (std::size_t i = 0; i < quantities.size(); ++i) {
        const std::string id(quantities[i].id);
        const auto found = std::ranges::find(ready.columns, id, &fit::Readiness::Needed::id);
        const QString column = found == ready.columns.end() ? QString() : QString::fromStdString(found->column);
        const auto mapped = spec.map.find(id);
        if (m_box[i]->lineEdit()->isModified() && m_box[i]->lineEdit()->hasFocus())
            continue;       // something is being typed
        const QSignalBlocker quiet(m_box[i]);
        m_box[i]->clear();
        m_box[i]->addItem(mapped != spec.map.end() ? tr("guess") : column.isEmpty() ? tr("choose…") : tr("%1 (guessed)").arg(column), QString());
        for (const data::Table::Numbers& numbers : table->numbers)
            m_box[i]->addItem(QString::fromStdString(numbers.name), QString::fromStdString(numbers.name));
        if (mapped != spec.map.end()) {
            const QString name = QString::fromStdString(mapped->second);
            if (m_box[i]->findData(name) < 0)
                m_box[i]->addItem(name, name);
            m_box[i]->setCurrentIndex(m_box[i]->findData(name));
        }
        parts << QStringLiteral("<i>%1</i>&nbsp;←&nbsp;%2").arg(QString::fromStdString(id).toHtmlEscaped(),
                     column.isEmpty() ? tr("?") : column.toHtmlEscaped());
    }
    for (const fit::Readiness::Needed& needed : ready.columns)
        if (!needed.why.empty())
            missing << QString::fromStdString(needed.why);
    if (!ready.why.empty())
        missing << QString::fromStdString(ready.why);
    m_summary->setText(parts.join(QStringLiteral(", ")));
    m_ready = ready.isReady();
    m_missing = missing.isEmpty() ? QString()
                                  : tr("%1 %2.").arg(text(law.info.name), missing.join(tr("; it ")))
                                        + (missing.size() > int(!ready.why.empty()) ? tr(" Choose a column below if it has another name.") : QString());
    if (!m_ready && !m_open->isChecked())
        m_open->setChecked(true);
}
