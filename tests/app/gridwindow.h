// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/panel/mainwindow.h"

#include <QComboBox>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <random>

// A window with losses on a grid of sizes and tokens, used with the mouse and the keys.
namespace grid {

template <class T>
T* find(QWidget& in, const char* name)
{
    T* found = in.findChild<T*>(QString::fromLatin1(name));
    if (!found)
        qWarning("no widget is called %s", name);
    return found;
}

// Chooses an entry of a box as a hand does: with the keys.
inline void choose(QComboBox* box, const QVariant& data)
{
    const int to = box->findData(data);
    QVERIFY2(to >= 0, qPrintable(data.toString()));
    box->setFocus();
    while (box->currentIndex() != to)
        QTest::keyClick(box, box->currentIndex() < to ? Qt::Key_Down : Qt::Key_Up);
}

// Final losses of two arms that differ in what they end at, on a grid of sizes and tokens.
inline void open(MainWindow& window, const QTemporaryDir& dir)
{
    QFile out(dir.filePath(QStringLiteral("grid.csv")));
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("params,tokens,loss,arm,se\n");
    std::mt19937_64 random(11);
    std::normal_distribution<double> noise(0, .003);
    for (const auto& [arm, floor] : {std::pair("web", 1.7), {"code", 1.2}})
        for (const double n : {1e7, 1e8, 3e8, 1e9, 3e9})
            for (const double d : {2e8, 2e9, 8e9, 3e10, 4e11})
                out.write(QByteArray::number(n) + ',' + QByteArray::number(d) + ',' +
                          QByteArray::number((floor + 400 / std::pow(n, .34) + 410 / std::pow(d, .28)) * std::exp(noise(random)), 'g', 12) + ',' + arm + ",0.01\n");
    out.close();
    window.resize(1280, 800);
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    window.openProject(dir.filePath(QStringLiteral("p.isoloss")));
    window.openPaths({dir.filePath(QStringLiteral("grid.csv"))});
    QTRY_VERIFY(!window.session().workspace().runs.empty() && !window.isBusy());
}

inline void fitLaw(MainWindow& window, const QString& law)
{
    window.showFitPanel(true);
    choose(find<QComboBox>(window, "law"), law);
    QTRY_VERIFY(find<QPushButton>(window, "fit")->isEnabled());
    QTest::mouseClick(find<QPushButton>(window, "fit"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!window.session().workspace().fits.empty() && window.session().result(window.session().workspace().fits.back().id) && !window.isBusy(), 60000);
}

}
