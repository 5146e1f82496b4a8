// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/theme/theme.h"

#include <QApplication>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>

#include <algorithm>
#include <array>
#include <cmath>

namespace theme {

namespace {

struct Pair {
    QRgb light, dark;
};

constexpr std::array<Pair, 7> series{{{0x0072B2, 0x4FA8E0},    // blue
                                      {0xD55E00, 0xFF8A4C},    // vermilion
                                      {0x009E73, 0x2CC79B},    // green
                                      {0xB5588A, 0xE59CC6},    // purple
                                      {0xC98600, 0xF2B63D},    // orange
                                      {0x2E93C9, 0x8CCBF2},    // sky
                                      {0x4D4D4D, 0xD0D0D0}}};  // grey

// Cividis at equal steps from 0 to 1.
constexpr std::array<QRgb, 9> cividis{0x00224E, 0x123570, 0x3B496C, 0x575D6D, 0x707173, 0x8A8678, 0xA59C74, 0xC3B369,
                                      0xFEE838};

QColor rgb(QRgb value)
{
    return QColor::fromRgb(value);
}

Theme make(Scheme scheme)
{
    Theme t;
    t.scheme = scheme;
    const bool dark = scheme == Scheme::Dark;
    t.window = rgb(dark ? 0x15171C : 0xF6F7F9);
    t.surface = rgb(dark ? 0x1C1F26 : 0xFFFFFF);
    t.line = rgb(dark ? 0x2B3039 : 0xE1E5EB);
    t.text = rgb(dark ? 0xE7EAEF : 0x1A1E26);
    t.text2 = rgb(dark ? 0xA1A9B7 : 0x5A6372);
    t.accent = rgb(dark ? 0x7AA7FF : 0x2B66E0);
    t.good = rgb(dark ? 0x5CCB97 : 0x1B8555);
    t.warn = rgb(dark ? 0xF0B64A : 0xA86400);
    t.bad = rgb(dark ? 0xFF7D73 : 0xC2362C);
    if (scheme == Scheme::Print) {
        t.window = t.surface;
        t.text = rgb(0x000000);
        t.text2 = rgb(0x404040);
        t.family = QStringLiteral("Noto Sans");
    }
    return t;
}

QPalette palette(const Theme& t)
{
    QPalette p;
    p.setColor(QPalette::Window, t.window);
    p.setColor(QPalette::WindowText, t.text);
    p.setColor(QPalette::Base, t.surface);
    p.setColor(QPalette::AlternateBase, t.surface);
    p.setColor(QPalette::Text, t.text);
    p.setColor(QPalette::PlaceholderText, t.text2);
    p.setColor(QPalette::Button, t.surface);
    p.setColor(QPalette::ButtonText, t.text);
    p.setColor(QPalette::BrightText, t.bad);
    p.setColor(QPalette::ToolTipBase, t.surface);
    p.setColor(QPalette::ToolTipText, t.text);
    p.setColor(QPalette::Link, t.accent);
    p.setColor(QPalette::Highlight, blend(t.accent, t.surface, t.scheme == Scheme::Dark ? .30 : .14));
    p.setColor(QPalette::HighlightedText, t.text);
    p.setColor(QPalette::Light, t.line);
    p.setColor(QPalette::Midlight, t.line);
    p.setColor(QPalette::Mid, t.line);
    p.setColor(QPalette::Dark, t.line);
    p.setColor(QPalette::Shadow, t.line);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        p.setColor(QPalette::Disabled, role, blend(t.text2, t.surface, .6));
    return p;
}

QString sheet(const Theme& t)
{
    QString s = QStringLiteral(R"(
QWidget { font-size: 13px; }
QToolTip { background: @surface; color: @text; border: 1px solid @line; padding: 4px 6px; }
QMainWindow::separator { background: @line; width: 1px; height: 1px; }
QMenuBar { background: @window; border-bottom: 1px solid @line; padding: 2px 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @surface; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: @hover; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QStatusBar { background: @window; border-top: 1px solid @line; color: @text2; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @text2; font-size: 12px; }
QSplitter::handle { background: @line; }
QTableView, QTreeView, QHeaderView, QTableView * { font-size: 12px; }
QTableView { border: none; background: @surface; gridline-color: transparent; outline: none; }
QTreeView { background: @surface; outline: none; }
QTreeView::item { padding: 2px 0; }
QTreeView::item:selected { background: @select; color: @text; }
QTableView::item { border-bottom: 1px solid @row; padding: 0 6px; }
QTableView::item:selected { background: @select; color: @text; }
QHeaderView { background: @surface; border: none; }
QHeaderView::section { background: @surface; color: @text2; border: none; border-bottom: 1px solid @line;
    padding: 5px 9px; font-weight: normal; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QCheckBox { spacing: 6px; }
QCheckBox::indicator, QTableView::indicator, QTreeView::indicator { width: 14px; height: 14px; border: 1px solid @box; border-radius: 3px;
    background: @surface; }
QCheckBox::indicator:checked, QTableView::indicator:checked, QTreeView::indicator:checked, QCheckBox::indicator:indeterminate { background: @text2;
    border-color: @text2; }
QCheckBox::indicator:checked, QTableView::indicator:checked, QTreeView::indicator:checked { image: url(:/icons/check-@scheme.svg); }
QCheckBox::indicator:indeterminate { image: url(:/icons/partial-@scheme.svg); }
QCheckBox::indicator:focus { border-color: @accent; }
QAbstractSpinBox { background: @surface; border: 1px solid @line; border-radius: 6px; padding: 0 4px 0 8px;
    min-height: 26px; }
QAbstractSpinBox:focus { border: 1px solid @accent; }
QToolButton[role="flat"] { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 3px 6px;
    font-size: 12px; color: @text2; }
QToolButton[role="flat"]:hover { background: @hover; color: @text; }
QToolButton[role="flat"]:focus { border: 1px solid @accent; }
QTableCornerButton::section { background: @surface; border: none; }
QPushButton, QToolButton[role="bar"] { background: @surface; border: 1px solid @line; border-radius: 6px; padding: 0 12px;
    min-height: 26px; }
QPushButton:hover, QToolButton[role="bar"]:hover { background: @hover; }
QPushButton:pressed, QToolButton[role="bar"]:checked { background: @select; }
QPushButton:focus, QToolButton[role="bar"]:focus, QComboBox:focus, QLineEdit:focus { border: 1px solid @accent; }
QPushButton:disabled, QToolButton[role="bar"]:disabled { color: @faint; }
QPushButton[primary="true"] { background: @accent; border: 1px solid @accent; color: @onAccent; font-weight: 600; }
QPushButton[primary="true"]:disabled { background: @row; border: 1px solid @line; color: @faint; }
QComboBox, QLineEdit { background: @surface; border: 1px solid @line; border-radius: 6px; padding: 0 8px;
    min-height: 26px; }
QToolButton[role="bar"] { padding: 0 8px; }
QToolButton[role="bar"]::menu-indicator, QToolButton[role="row"]::menu-indicator { image: none; }
QToolButton[role="row"] { border: 1px solid transparent; background: transparent; border-radius: 4px; padding: 0; min-height: 0; }
QToolButton[role="row"]:hover { background: @hover; }
QToolButton[role="row"]:focus { border: 1px solid @accent; }
QToolButton[role="link"] { border: 1px solid transparent; border-radius: 4px; background: transparent; color: @text2;
    font-size: 12px; padding: 1px 2px; }
QToolButton[role="link"]:hover { color: @text; }
QToolButton[role="link"]:focus { border: 1px solid @accent; }
QLineEdit[role="value"], QLineEdit[role="bound"] { border: 1px solid transparent; background: transparent;
    border-radius: 4px; padding: 0 2px; min-height: 20px; }
QLineEdit[role="bound"] { color: @text2; font-size: 11px; min-height: 16px; }
QLineEdit[role="value"]:hover, QLineEdit[role="bound"]:hover { border: 1px solid @line; }
QLineEdit[role="value"]:focus, QLineEdit[role="bound"]:focus { border: 1px solid @accent; color: @text; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: @text2; border: 1px solid transparent; border-radius: 6px;
    padding: 0 10px; min-height: 26px; margin-right: 2px; }
QTabBar::tab:hover { background: @hover; }
QTabBar::tab:selected { background: @row; color: @text; }
QTabBar::tab:focus { border: 1px solid @accent; }
QTabBar::close-button { image: url(:/theme/close-@scheme.svg); subcontrol-position: right; margin: 1px; }
QTabBar::close-button:hover { background: @hover; border-radius: 4px; }
QTabBar QToolButton { background: @surface; border: 1px solid @line; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(:/theme/down-@scheme.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @surface; border: 1px solid @line; selection-background-color: @hover;
    selection-color: @text; outline: none; padding: 4px; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @handle; border-radius: 3px; margin: 2px; min-height: 24px; min-width: 24px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider::groove:horizontal { height: 3px; background: @line; border-radius: 1px; }
QSlider::sub-page:horizontal { background: @handle; border-radius: 1px; }
QSlider::handle:horizontal { background: @text2; width: 12px; height: 12px; margin: -5px 0; border-radius: 6px; }
QSlider::handle:horizontal:focus { background: @accent; }
QProgressBar { border: none; background: @row; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: @accent; border-radius: 2px; }
*[role="dockTitle"] { background: @surface; border-bottom: 1px solid @line; }
*[role="problem"] { color: @warn; font-size: 12px; }
*[role="surface"] { background: @surface; }
*[role="second"] { color: @text2; font-size: 12px; }
*[role="head"] { font-weight: 600; }
*[role="title"] { font-size: 15px; font-weight: 600; }
*[role="warning"] { color: @warn; font-size: 12px; }
*[role="error"] { background: @badSoft; border-bottom: 1px solid @line; }
)");
    const bool isDark = t.scheme == Scheme::Dark;
    const std::pair<QLatin1String, QColor> tokens[] = {
        {QLatin1String("@surface"), t.surface}, {QLatin1String("@window"), t.window},
        {QLatin1String("@text2"), t.text2}, {QLatin1String("@text"), t.text},
        {QLatin1String("@line"), t.line}, {QLatin1String("@onAccent"), isDark ? t.window : t.surface},
        {QLatin1String("@accent"), t.accent}, {QLatin1String("@warn"), t.warn},
        {QLatin1String("@badSoft"), blend(t.bad, t.surface, .12)},
        {QLatin1String("@box"), blend(t.text2, t.surface, .6)},
        {QLatin1String("@faint"), blend(t.text2, t.surface, .6)},
        {QLatin1String("@hover"), blend(t.text, t.surface, .07)},
        {QLatin1String("@row"), blend(t.text, t.surface, .06)},
        {QLatin1String("@handle"), blend(t.text2, t.surface, .35)},
        {QLatin1String("@select"), blend(t.accent, t.surface, isDark ? .26 : .12)}};
    for (const auto& [name, color] : tokens)
        s.replace(name, color.name());
    s.replace(QLatin1String("@scheme"), isDark ? QLatin1String("dark") : QLatin1String("light"));
    return s;
}

}

QFont Theme::font(double size, QFont::Weight weight) const
{
    QFont f = family.isEmpty() ? QApplication::font() : QFont(family);
    // Pixel sizes only: a point size would be scaled again by the resolution of whatever is painted on.
    f.setPixelSize(std::max(1, int(std::lround(size * unit))));
    f.setWeight(weight);
    if (scheme == Scheme::Print)
        f.setHintingPreference(QFont::PreferNoHinting);
    return f;
}

QColor Theme::grid() const
{
    return blend(text, surface, .08);
}

const Theme& light()
{
    static const Theme t = make(Scheme::Light);
    return t;
}

const Theme& dark()
{
    static const Theme t = make(Scheme::Dark);
    return t;
}

const Theme& print()
{
    static const Theme t = make(Scheme::Print);
    return t;
}

QColor seriesColor(const Theme& t, int index)
{
    if (index < 0)
        return t.text;
    const Pair& pair = series[std::size_t(index) % series.size()];
    return rgb(t.scheme == Scheme::Dark ? pair.dark : pair.light);
}

Qt::PenStyle seriesDash(int index)
{
    constexpr std::array dashes{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine, Qt::DashDotDotLine};
    return index < 0 ? Qt::SolidLine : dashes[std::size_t(index) / series.size() % dashes.size()];
}

QColor ramp(const Theme& t, double at)
{
    at = std::clamp(at, 0., 1.);
    const double place = at * double(cividis.size() - 1);
    const auto i = std::min(std::size_t(place), cividis.size() - 2);
    const QColor color = blend(rgb(cividis[i + 1]), rgb(cividis[i]), place - double(i));
    if (t.scheme == Scheme::Dark)
        return blend(rgb(0x8CB4FF), color, .5 * (1 - at));
    return blend(rgb(0x3C1400), color, .42 * at * at);
}

QColor blend(const QColor& over, const QColor& under, double alpha)
{
    const auto mix = [&](int a, int b) { return int(std::lround(alpha * a + (1 - alpha) * b)); };
    return {mix(over.red(), under.red()), mix(over.green(), under.green()), mix(over.blue(), under.blue())};
}

void apply(QApplication& app, const Theme& t)
{
    if (app.style()->objectName().compare(QLatin1String("fusion"), Qt::CaseInsensitive) != 0)
        app.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    app.setPalette(palette(t));
    app.setStyleSheet(sheet(t));
}

bool desktopIsDark()
{
    // The palette at the first call is the desktop's: later ones may be ours.
    static const bool isDark = QApplication::palette().color(QPalette::Window).lightnessF() < .5;
    return isDark;
}

}
