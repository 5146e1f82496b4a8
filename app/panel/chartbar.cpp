// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/chartbar.h"

#include "core/data/lossunit.h"
#include "core/figure/axes.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QSignalBlocker>
#include <QSlider>
#include <QStandardItemModel>
#include <QToolButton>

#include <cmath>
#include <set>

namespace {

constexpr int controlHeight = 28;

QLabel* second(const QString& text)
{
    auto* label = new QLabel(text);
    label->setProperty("role", QStringLiteral("second"));
    return label;
}

// An item that cannot be chosen stays in sight and says why.
void enable(QComboBox* box, int index, bool enabled, const QString& why)
{
    if (auto* model = qobject_cast<QStandardItemModel*>(box->model())) {
        model->item(index)->setEnabled(enabled);
        model->item(index)->setToolTip(enabled ? QString() : why);
    }
}

void choose(QComboBox* box, const std::string& id)
{
    const QSignalBlocker quiet(box);
    const QString wanted = QString::fromStdString(id);
    if (box->findData(wanted) < 0)
        box->addItem(wanted, wanted);
    box->setCurrentIndex(box->findData(wanted));
    const QFontMetrics metrics(box->font());
    // Measured: an average character is wider than most.
    box->setFixedWidth(std::clamp(metrics.horizontalAdvance(box->currentText()) + 42, 64, 170));
    int widest = 0;
    for (int i = 0; i < box->count(); ++i)
        widest = std::max(widest, metrics.horizontalAdvance(box->itemText(i)));
    box->view()->setMinimumWidth(std::min(widest + 40, 420));
}

}

QToolButton* barButton(const QString& text, const char* name, const QString& tip, bool checkable)
{
    auto* button = new QToolButton;
    button->setObjectName(QString::fromLatin1(name));
    button->setProperty("role", QStringLiteral("bar"));
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setCheckable(checkable);
    button->setFocusPolicy(Qt::TabFocus);
    button->setFixedHeight(controlHeight);
    return button;
}

template <class F>
void ChartBar::change(const QString& label, F&& f)
{
    ChartEntry next = m_entry;
    f(next);
    emit asked(label, next);
}

ChartBar::ChartBar(QWidget* parent)
    : QWidget(parent), m_y(new QComboBox), m_x(new QComboBox), m_unit(new QComboBox),
      m_smooth(new QSlider(Qt::Horizontal)), m_smoothText(second({}))
{
    m_logX = barButton(tr("log x"), "logX", tr("Logarithmic x axis (Shift+L)"));
    m_logY = barButton(tr("log y"), "logY", tr("Logarithmic y axis (L)"));
    for (const auto& [box, name, tip] : {std::tuple{m_y, "y", tr("Quantity drawn")}, {m_x, "x", tr("Drawn against (X)")},
                                         {m_unit, "unit", tr("Unit of the loss")}}) {
        box->setObjectName(QString::fromLatin1(name));
        box->setAccessibleName(tip);
        box->setToolTip(tip);
        box->setFixedHeight(controlHeight);
    }
    m_color = barButton(tr("Colour"), "color", tr("What colour tells"), false);
    m_colors = new QMenu(m_color);
    m_color->setMenu(m_colors);
    m_color->setPopupMode(QToolButton::InstantPopup);
    m_smooth->setObjectName(QStringLiteral("smooth"));
    m_smooth->setRange(0, 99);
    m_smooth->setMinimumWidth(44);
    m_smooth->setMaximumWidth(90);
    m_smooth->setAccessibleName(tr("Smoothing"));
    m_smooth->setToolTip(tr("Smoothing (S): TensorBoard's debiased exponential mean, in the view only; fits use the raw records"));
    m_smoothText->setFixedWidth(26);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 0, 10, 2);
    row->setSpacing(6);
    row->addWidget(m_y);
    row->addWidget(m_unit);
    row->addWidget(second(tr("against")));
    row->addWidget(m_x);
    row->addWidget(m_logX);
    row->addWidget(m_logY);
    row->addWidget(second(tr("smooth")));
    row->addWidget(m_smooth);
    row->addWidget(m_smoothText);
    row->addWidget(m_color);
    row->addStretch();

    connect(m_y, &QComboBox::activated, this, [this] {
        change(tr("Draw %1").arg(m_y->currentText()), [this](ChartEntry& c) {
            c.y = m_y->currentData().toString().toStdString();
            c.viewY.clear();
            c.title.clear();
        });
    });
    connect(m_x, &QComboBox::activated, this, [this] {
        change(tr("Draw against %1").arg(m_x->currentText()), [this](ChartEntry& c) {
            c.x = m_x->currentData().toString().toStdString();
            c.viewX = {};
        });
    });
    connect(m_unit, &QComboBox::activated, this, [this] {
        change(tr("Show %1").arg(m_unit->currentText()), [this](ChartEntry& c) {
            c.unit = m_unit->currentData().toString().toStdString();
            c.viewY.clear();
        });
    });
    connect(m_logX, &QToolButton::clicked, this, [this] {
        change(m_entry.logX ? tr("Linear x") : tr("Log x"), [](ChartEntry& c) { c.logX = !c.logX; });
    });
    connect(m_logY, &QToolButton::clicked, this, [this] {
        change(m_entry.logY ? tr("Linear y") : tr("Log y"), [](ChartEntry& c) { c.logY = !c.logY; });
    });
    connect(m_smooth, &QSlider::valueChanged, this,
            [this](int value) { change(tr("Smooth"), [value](ChartEntry& c) { c.smoothing = value / 100.; }); });
}

void ChartBar::setRuns(const Session& session)
{
    const Session::Loaded shown = session.shown();
    std::set<std::string> names;
    bool isLoss = false, hasBytes = false;
    std::set<std::string> keys;
    for (std::size_t i = 0; i < shown.runs.size(); ++i) {
        const data::Run& run = shown.runs[i];
        for (const data::Series& series : run.series)
            names.insert(series.name);
        for (const auto& [key, value] : run.config)
            if (std::holds_alternative<double>(value))
                keys.insert(key);
        isLoss = isLoss || data::lossUnitOf(run, m_entry.y);
        hasBytes = hasBytes || data::bytesPerToken(run) > 0 || shown.entries[i].bytesPerToken > 0;
    }
    const QSignalBlocker quietY(m_y), quietX(m_x), quietUnit(m_unit);
    m_y->clear();
    for (const std::string& name : names)
        m_y->addItem(QString::fromStdString(name), QString::fromStdString(name));
    m_x->clear();
    for (const figure::AxisChoice& axis : figure::axisChoices(shown.runs)) {
        m_x->addItem(QString::fromStdString(axis.title), QString::fromStdString(axis.id));
        enable(m_x, m_x->count() - 1, axis.available, QString::fromStdString(axis.why));
    }
    m_unit->clear();
    m_unit->addItem(tr("as logged"), QString());
    for (const data::LossUnit unit : {data::LossUnit::NatsPerToken, data::LossUnit::BitsPerByte, data::LossUnit::Perplexity}) {
        const std::string_view name = data::name(unit);
        const QString text = QString::fromUtf8(name.data(), qsizetype(name.size()));
        m_unit->addItem(text, text);
        enable(m_unit, m_unit->count() - 1, unit != data::LossUnit::BitsPerByte || hasBytes,
               tr("No shown run says how many bytes a token has: select runs in the list and set Bytes per token in their menu."));
    }
    m_unit->setVisible(isLoss);
    m_colors->clear();
    const auto color = [&](const QString& text, const std::string& key) {
        QAction* action = m_colors->addAction(text, this, [this, key] {
            change(key.empty() ? tr("Colour by itself") : tr("Colour by %1").arg(QString::fromStdString(key)),
                   [&](ChartEntry& c) { c.colorBy = key; });
        });
        action->setCheckable(true);
        action->setData(QString::fromStdString(key));
    };
    color(tr("By run, beyond 12 by what differs"), {});
    color(tr("By run"), "run");
    for (const std::string& key : keys)
        color(tr("By %1").arg(QString::fromStdString(key)), key);
    show(m_entry, session);
}

void ChartBar::show(const ChartEntry& entry, const Session&)
{
    m_entry = entry;
    choose(m_y, entry.y);
    choose(m_x, entry.x);
    choose(m_unit, entry.unit);
    for (QAction* action : m_colors->actions())
        action->setChecked(action->data().toString().toStdString() == entry.colorBy);
    m_logX->setChecked(entry.logX);
    m_logY->setChecked(entry.logY);
    const QSignalBlocker quiet(m_smooth);
    m_smooth->setValue(int(std::lround(entry.smoothing * 100)));
    m_smoothText->setText(entry.smoothing > 0 ? QString::number(entry.smoothing, 'f', 2) : tr("off"));
}

void ChartBar::cycleX()
{
    const auto* model = qobject_cast<QStandardItemModel*>(m_x->model());
    for (int step = 1; step < m_x->count(); ++step) {
        const int next = (m_x->currentIndex() + step) % m_x->count();
        if (next < 4 && model->item(next)->isEnabled()) {      // the four everyone knows
            m_x->setCurrentIndex(next);
            emit m_x->activated(next);
            return;
        }
    }
}
