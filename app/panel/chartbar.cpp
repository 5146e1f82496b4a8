// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/chartbar.h"

#include "core/data/lossunit.h"
#include "core/figure/axes.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
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
    : QWidget(parent), m_y(new QComboBox), m_x(new QComboBox), m_unit(new QComboBox), m_color(new QComboBox),
      m_smooth(new QSlider(Qt::Horizontal)), m_smoothText(second({}))
{
    m_logX = barButton(tr("log x"), "logX", tr("Logarithmic x axis (Shift+L)"));
    m_logY = barButton(tr("log y"), "logY", tr("Logarithmic y axis (L)"));
    for (const auto& [box, name, tip] : {std::tuple{m_y, "y", tr("Quantity drawn")}, {m_x, "x", tr("Drawn against (X)")},
                                         {m_unit, "unit", tr("Unit of the loss")}, {m_color, "color", tr("What colour tells")}}) {
        box->setObjectName(QString::fromLatin1(name));
        box->setAccessibleName(tip);
        box->setToolTip(tip);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setFixedHeight(controlHeight);
        box->setMinimumWidth(60);
        box->setMaximumWidth(150);
    }
    m_smooth->setObjectName(QStringLiteral("smooth"));
    m_smooth->setRange(0, 99);
    m_smooth->setMinimumWidth(44);
    m_smooth->setMaximumWidth(90);
    m_smooth->setAccessibleName(tr("Smoothing"));
    m_smooth->setToolTip(tr("Smoothing (S): TensorBoard's debiased exponential mean, in the view only; fits use the raw records"));
    m_smoothText->setFixedWidth(26);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    row->addWidget(m_y);
    row->addWidget(m_unit);
    row->addWidget(second(tr("against")));
    row->addWidget(m_x);
    row->addWidget(m_logX);
    row->addWidget(m_logY);
    row->addWidget(second(tr("smooth")));
    row->addWidget(m_smooth, 1);
    row->addWidget(m_smoothText);
    row->addWidget(m_color);
    m_y->view()->setTextElideMode(Qt::ElideMiddle);

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
    connect(m_color, &QComboBox::activated, this, [this] {
        change(tr("Colour by %1").arg(m_color->currentText()),
               [this](ChartEntry& c) { c.colorBy = m_color->currentData().toString().toStdString(); });
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
    const QSignalBlocker quietY(m_y), quietX(m_x), quietUnit(m_unit), quietColor(m_color);
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
    m_color->clear();
    m_color->addItem(tr("colour: auto"), QString());
    m_color->addItem(tr("colour: run"), QStringLiteral("run"));
    for (const std::string& key : keys)
        m_color->addItem(tr("colour: %1").arg(QString::fromStdString(key)), QString::fromStdString(key));
    show(m_entry, session);
}

void ChartBar::show(const ChartEntry& entry, const Session&)
{
    m_entry = entry;
    choose(m_y, entry.y);
    choose(m_x, entry.x);
    choose(m_unit, entry.unit);
    choose(m_color, entry.colorBy);
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
