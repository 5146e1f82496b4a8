// SPDX-License-Identifier: GPL-3.0-or-later
// A window in which runs are renamed one after another, as fast as it goes; prints how many edits are done. Killed by
// tst_windowcrash.
#include "app/panel/mainwindow.h"

#include <QApplication>
#include <QTableView>

#include <cstdio>

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    MainWindow window;
    window.show();
    window.openProject(QString::fromLocal8Bit(argv[1]));
    auto* model = window.findChild<QTableView*>(QStringLiteral("runs"))->model();
    while (model->rowCount() == 0 || window.session().isBusy())
        QApplication::processEvents();
    for (int edit = 1;; ++edit) {
        // Found by hash, since the table sorts itself by name.
        Workspace next = window.session().workspace();
        next.runs[std::size_t(edit) % next.runs.size()].name = "edit " + std::to_string(edit);
        window.session().edit(QStringLiteral("Rename to %1").arg(edit), next);
        std::printf("%d\n", edit);
        std::fflush(stdout);
        QApplication::processEvents();
    }
}
