// SPDX-License-Identifier: GPL-3.0-or-later
#include "samples.h"

#include <QTemporaryDir>
#include <QTest>

namespace fs = std::filesystem;

class TestFollow : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    fs::path file(const std::string& name, std::string_view bytes) { return samples::write(m_folder.path().toStdString(), name, bytes); }

    static std::string iterations(int from, int to) {
        std::string text;
        for (int s = from; s < to; ++s)
            text += "iter " + std::to_string(s) + ": loss " + std::to_string(4 - 1e-6 * s) + ", time 250.11ms\n";
        return text;
    }

private slots:
    void aFileThatShrinksWhileItIsReadIsNoCrash() {
        const fs::path log = file("out.log", iterations(0, 200000));
        bool cut = false;
        const io::Import import = io::read({&log, 1}, {}, [&](double done) {
            if (done > 0 && !cut) {
                cut = true;
                fs::resize_file(log, 100000);
            }
            return true;
        });
        QVERIFY(cut);
        const data::Series* loss = import.runs.at(0).find("loss");
        QVERIFY(loss && loss->value->size() > 1000 && loss->value->size() < 3000);
        QVERIFY(!import.warnings.empty());
        QVERIFY2(import.warnings[0].message.find("became shorter") != std::string::npos, import.warnings[0].message.c_str());
    }
};

QTEST_APPLESS_MAIN(TestFollow)
#include "tst_follow.moc"
