// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QEvent>
#include <QMetaEnum>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using Clock = std::chrono::steady_clock;

inline double milliseconds(Clock::time_point from, Clock::time_point to = Clock::now())
{
    return std::chrono::duration<double, std::milli>(to - from).count();
}

// An application that takes the time of every event it hands out: what the window cannot answer meanwhile.
class Meter : public QApplication {
public:
    using QApplication::QApplication;

    struct Stall {
        double ms = 0;
        std::string what;           // receiver and kind of event, and where inside it most of the time went
    };
    std::vector<Stall> stalls;      // those over a millisecond since they were cleared
    QObject* watched = nullptr;
    Clock::time_point painted;      // the end of the last event in which the watched widget was painted
    int paints = 0;

    bool notify(QObject* receiver, QEvent* event) override
    {
        const QEvent::Type type = event->type();
        const bool outermost = m_inside.empty();
        if (outermost) {
            m_worst = {};
            m_repainted = false;
        }
        // Named before: the receiver may be gone after.
        const QMetaObject* meta = receiver->metaObject();
        const QString name = outermost || type == QEvent::Paint ? receiver->objectName() : QString();
        const bool isWatched = receiver == watched && type == QEvent::Paint;
        m_inside.push_back(0);
        const auto start = Clock::now();
        const bool result = QApplication::notify(receiver, event);
        const double took = milliseconds(start), own = took - m_inside.back();
        m_inside.pop_back();
        if (!m_inside.empty())
            m_inside.back() += took;
        m_repainted = m_repainted || isWatched;
        if (!outermost && own > m_worst.ms)
            m_worst = {own, describe(meta, name, type)};
        if (!outermost)
            return result;
        if (m_repainted) {
            painted = Clock::now();
            ++paints;
        }
        if (took > 1) {
            std::string what = describe(meta, name, type);
            if (m_worst.ms > took / 4)
                what += " > " + m_worst.what + " " + QString::number(m_worst.ms, 'f', 1).toStdString();
            stalls.push_back({took, std::move(what)});
        }
        return result;
    }

private:
    static std::string describe(const QMetaObject* meta, const QString& name, QEvent::Type type)
    {
        static const QMetaEnum types = QMetaEnum::fromType<QEvent::Type>();
        const char* key = types.valueToKey(type);
        return std::string(meta->className()) + (name.isEmpty() ? "" : " " + name.toStdString()) + " "
               + (key ? key : "event " + std::to_string(int(type)));
    }

    std::vector<double> m_inside;   // what nested events took, per event that is being handled
    Stall m_worst;
    bool m_repainted = false;
};
