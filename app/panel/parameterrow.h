// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"
#include "core/fit/fit.h"
#include "core/law/law.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QLineEdit;
class QToolButton;
QT_END_NAMESPACE

// A thin bar from bound to bound that shows the interval of a parameter and is dragged to try another value; with
// Shift ten times finer. Arrow keys move it by a hundredth, Page by a tenth, Escape while dragging gives up.
class RangeBar : public QWidget {
    Q_OBJECT
public:
    explicit RangeBar(QWidget* parent = nullptr);

    struct Shown {
        double lower = 0, upper = 1, value = 0;
        fit::Interval ci{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
        bool log = false, held = false;
        bool goesOn = false, comesFrom = false;     // the bounds lie beyond the bar's upper, lower end
    };
    void set(const Shown&);
    void setTheme(const theme::Theme&);
    const Shown& shown() const { return m_shown; }
    bool isDragging() const { return m_dragging; }
    double place(double value) const;       // 0 to 1 along the bar
    double value(double place) const;

    QSize sizeHint() const override { return {120, 18}; }
    QSize minimumSizeHint() const override { return {60, 18}; }

signals:
    void dragged(double value);
    void dropped(double value);
    void givenUp();

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void keyPressEvent(QKeyEvent*) override;
    void keyReleaseEvent(QKeyEvent*) override;
    void focusOutEvent(QFocusEvent*) override;

private:
    QRectF track() const;
    void move(double place);
    void drop();

    Shown m_shown;
    theme::Theme m_theme = theme::light();
    double m_from = 0, m_at = 0, m_pressX = 0;
    bool m_dragging = false, m_byKey = false;
};

// One parameter of a law: symbol, value, interval, lock and reset, and below them its bounds with the bar between.
class ParameterRow : public QWidget {
    Q_OBJECT
public:
    explicit ParameterRow(const law::Param&, QWidget* parent = nullptr);

    // What the user chose about it and what came out. `estimate` null: nothing fitted yet.
    struct State {
        const fit::Estimate* estimate = nullptr;
        fit::Interval bounds;
        double start = std::numeric_limits<double>::quiet_NaN();    // chosen; NaN: none
        bool fixed = false, changed = false;                        // changed: reset has something to do
        bool preview = false;                                       // shown while a bar is dragged
        QString valueText, intervalText;
    };
    void show(const State&, const theme::Theme&);
    const law::Param& param() const { return *m_param; }
    RangeBar& bar() { return *m_bar; }
    double value() const { return m_bar->shown().value; }
    bool isFixed() const { return m_fixed; }

signals:
    void dragged(double value);
    void startAsked(double value);          // dropped or typed
    void givenUp();
    void fixAsked(bool fixed);
    void boundsAsked(double lower, double upper);
    void resetAsked();
    void profileAsked();                    // its symbol was clicked, or chosen in its menu
    void refused(const QString& sentence);  // something typed is not a number

protected:
    bool eventFilter(QObject*, QEvent*) override;

private:
    void typed();
    void typedBounds();

    const law::Param* m_param;
    QLabel* m_symbol;
    QLineEdit* m_value;
    QLabel* m_interval;
    QToolButton* m_lock;
    QToolButton* m_reset;
    QLineEdit* m_lower;
    QLineEdit* m_upper;
    RangeBar* m_bar;
    fit::Interval m_bounds;
    bool m_fixed = false;
};
