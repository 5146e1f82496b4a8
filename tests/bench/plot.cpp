// SPDX-License-Identifier: GPL-3.0-or-later
// Frames of the plot, from the event to the end of the paint it causes, beside the same data in Qt Charts.
#include "app/chart/decimate.h"
#include "app/chart/plotview.h"

#include <QApplication>
#include <QChart>
#include <QChartView>
#include <QGraphicsLineItem>
#include <QLineSeries>
#include <QValueAxis>
#include <QWheelEvent>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::time_point since)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

// Losses with noise on every record, faint, and smoothed above; or only the noisy ones, full.
figure::Figure losses(std::size_t curves, std::size_t records, bool smoothed)
{
    figure::Figure f{.id = "bench", .title = {}, .note = {}, .panels = {}, .recipe = {}};
    figure::Panel panel{.x = {.title = "step", .unit = {}}, .y = {.title = "loss", .unit = "nats/token", .log = true},
                        .layers = {}};
    std::mt19937_64 random(7);
    std::normal_distribution<double> normal;
    for (std::size_t c = 0; c < curves; ++c) {
        figure::Layer raw{.mark = figure::Mark::Line, .style = smoothed ? figure::Style::Raw : figure::Style::Data,
                          .name = {}, .color = int(c), .x = {}, .y = {}, .low = {}, .high = {},
                          .run = "run" + std::to_string(c)};
        const double end = 2 + .8 * double(c) / double(curves);
        for (std::size_t i = 1; i <= records; ++i) {
            const double step = double(i) * 1e5 / double(records);
            raw.x.push_back(step);
            raw.y.push_back(end + 9 * std::pow(step + 10, -.3) + .06 * normal(random));
        }
        figure::Layer line = raw;
        line.style = figure::Style::Data;
        line.name = "run " + std::to_string(c);
        if (smoothed) {
            double sum = 0, weight = 1;
            for (double& y : line.y) {
                sum = .9 * sum + .1 * y;
                weight *= .9;
                y = sum / (1 - weight);
            }
            panel.layers.push_back(std::move(raw));
        }
        panel.layers.push_back(std::move(line));
    }
    f.panels.push_back(std::move(panel));
    return f;
}

double processorMilliseconds()
{
    return double(std::clock()) * 1e3 / CLOCKS_PER_SEC;
}

struct Frames {
    std::vector<double> times;
    double processor = 0;       // per frame, of all threads: what a busy machine does not blur
    double quantile(double q)
    {
        std::ranges::sort(times);
        return times.empty() ? std::nan("") : times[std::size_t(q * double(times.size() - 1))];
    }
};

// Turns the wheel in and out again at a place, or moves the mouse; each until what it caused has been painted.
Frames wheel(QWidget& target, int notches)
{
    Frames out;
    const double before = processorMilliseconds();
    for (int i = 0; i < notches; ++i) {
        const QPointF at(target.width() * (.35 + .01 * (i % 7)), target.height() * .6);
        const int turn = i % (notches / 2) < notches / 4 ? 120 : -120;
        QWheelEvent event(at, target.mapToGlobal(at), {}, {0, turn}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        const auto start = Clock::now();
        QApplication::sendEvent(&target, &event);
        QApplication::processEvents();
        out.times.push_back(milliseconds(start));
    }
    out.processor = (processorMilliseconds() - before) / double(out.times.size());
    return out;
}

Frames hover(QWidget& target, int moves)
{
    Frames out;
    const double before = processorMilliseconds();
    for (int i = 0; i < moves; ++i) {
        const QPointF at(target.width() * (.2 + .6 * i / moves), target.height() * (.4 + .1 * std::sin(i)));
        QMouseEvent event(QEvent::MouseMove, at, target.mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        const auto start = Clock::now();
        QApplication::sendEvent(&target, &event);
        QApplication::processEvents();
        out.times.push_back(milliseconds(start));
    }
    out.processor = (processorMilliseconds() - before) / double(out.times.size());
    return out;
}

// The same in Qt Charts: a QLineSeries each, of all records or of those that a pixel column shows, which must be
// replaced at every zoom. The vertical axis is of logarithms already.
class Peer : public QChartView {
public:
    Peer(const figure::Panel& panel, const theme::Theme& t, bool decimated) : m_panel(panel), m_decimated(decimated)
    {
        setRenderHint(QPainter::Antialiasing);
        chart()->legend()->hide();
        m_x = new QValueAxis;
        m_y = new QValueAxis;
        chart()->addAxis(m_x, Qt::AlignBottom);
        chart()->addAxis(m_y, Qt::AlignLeft);
        m_x->setRange(0, 1e5);
        m_y->setRange(std::log10(1.8), std::log10(8));
        figure::Figure f;
        f.panels.push_back(panel);
        const chart::Colors colors(t, f);
        for (const auto& layer : panel.layers) {
            auto* series = new QLineSeries;
            series->setPen(chart::ink(layer, colors, t).pen);
            m_series.push_back(series);
        }
        fill();
        for (QLineSeries* series : m_series) {
            chart()->addSeries(series);
            series->attachAxis(m_x);
            series->attachAxis(m_y);
        }
        m_crosshair = scene()->addLine(0, 0, 0, 0);
        m_crosshair->setZValue(100);
        setMouseTracking(true);
    }

protected:
    void wheelEvent(QWheelEvent* event) override
    {
        const double factor = std::pow(.85, event->angleDelta().y() / 120.);
        const auto zoom = [&](QValueAxis* axis, double share) {
            const double centre = axis->min() + share * (axis->max() - axis->min());
            axis->setRange(centre + (axis->min() - centre) * factor, centre + (axis->max() - centre) * factor);
        };
        zoom(m_x, .35);
        zoom(m_y, .4);
        if (m_decimated)
            fill();
    }
    void mouseMoveEvent(QMouseEvent* event) override
    {
        const QRectF area = chart()->plotArea();
        m_crosshair->setLine(event->position().x(), area.top(), event->position().x(), area.bottom());
    }

private:
    void fill()
    {
        const chart::Frame frame{.x = {.log = false, .from = m_x->min(), .to = m_x->max()},
                                 .y = {.log = true, .from = m_y->min(), .to = m_y->max()},
                                 .area = QRectF(0, 0, 1100, 600)};
        for (std::size_t k = 0; k < m_series.size(); ++k) {
            const auto& layer = m_panel.layers[k];
            QList<QPointF> points;
            if (m_decimated) {
                for (const QPolygonF& line : chart::polylines(frame, layer.x, layer.y))
                    for (const QPointF& p : line)
                        points << QPointF(frame.x.from + p.x() / 1100 * (frame.x.to - frame.x.from),
                                          frame.y.from + (600 - p.y()) / 600 * (frame.y.to - frame.y.from));
            } else {
                for (std::size_t i = 0; i < layer.x.size(); ++i)
                    points << QPointF(layer.x[i], std::log10(layer.y[i]));
            }
            m_series[k]->replace(points);
        }
    }

    const figure::Panel& m_panel;
    bool m_decimated;
    QValueAxis* m_x;
    QValueAxis* m_y;
    QGraphicsLineItem* m_crosshair;
    std::vector<QLineSeries*> m_series;
};

void settle(QWidget& widget)
{
    widget.resize(1200, 700);
    widget.show();
    for (int i = 0; i < 5; ++i)
        QApplication::processEvents(QEventLoop::AllEvents, 50);
}

void compare(std::size_t curves, std::size_t records, bool smoothed, bool peers)
{
    const char* how = smoothed ? "raw faint and smoothed" : "noisy, full";
    std::printf("%zu curves of %zu records, %s\n", curves, records, how);
    figure::Figure f = losses(curves, records, smoothed);
    const auto start = Clock::now();
    const chart::Picture picture = chart::prepare(std::move(f));
    std::printf("  prepared in %.1f ms\n", milliseconds(start));
    double zoomed = 0, hovered = 0;
    {
        chart::PlotView view(theme::light());
        view.setPicture(picture, false);
        settle(view);
        Frames zoom = wheel(view, 48), move = hover(view, 60);
        zoomed = zoom.quantile(.5), hovered = move.quantile(.5);
        std::printf("  PlotView               zoom %7.1f ms (95 %%: %.1f, processor %.1f), hover %6.2f ms (95 %%: %.2f)\n",
                    zoomed, zoom.quantile(.95), zoom.processor, hovered, move.quantile(.95));
    }
    for (const bool decimated : {true, false}) {
        if (!peers)
            break;
        Peer peer(picture.figure->panels.front(), theme::light(), decimated);
        settle(peer);
        QWidget& target = *peer.viewport();
        Frames zoom = wheel(target, decimated ? 8 : 4), move = hover(target, 4);
        const double slow = zoom.quantile(.5), idle = move.quantile(.5);
        std::printf("  QLineSeries%s zoom %7.1f ms (x%.1f), hover %6.1f ms (x%.0f)\n", decimated ? ", decimated" : "           ",
                    slow, slow / zoomed, idle, idle / hovered);
    }
    std::fflush(stdout);
}

}

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    const bool peers = !app.arguments().contains(QStringLiteral("--alone"));
    std::printf("%u threads, 1200 x 700\n", std::thread::hardware_concurrency());
    compare(50, 20'000, true, peers);
    compare(50, 20'000, false, peers);
    compare(200, 5'000, true, peers);
    compare(200, 5'000, false, peers);
    compare(1, 1'000'000, true, false);
    compare(1, 10'000'000, false, false);
}
