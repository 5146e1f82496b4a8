// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/metric.h"

#include <QTest>
class T : public QObject { Q_OBJECT };
QTEST_APPLESS_MAIN(T)
#include "tst_metric.moc"
