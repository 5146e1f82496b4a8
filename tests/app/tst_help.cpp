// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/helpwindow.h"
#include "core/io/reader.h"
#include "core/law/law.h"
#include "core/schedule/schedule.h"

#include <QApplication>
#include <QDir>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>
#include <QRegularExpression>
#include <QScrollBar>
#include <QSettings>
#include <QStandardPaths>
#include <QTest>
#include <QTextBlock>
#include <QToolButton>

#include <algorithm>

class TestHelp : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void everyPageHasATitleAndText();
    void everyLinkLeadsToAPageAndAHeading();
    void everyPictureIsThere();
    void everyWarningOfTheFitIsExplained();
    void lawsReadersAndSchedulesAreAllListed();
    void pagesKeepNoMarkupOnScreen();
    void topicIsOpenedOnceAndLinksAreFollowed();
    void backAndForwardKeepTheirPlace();
    void searchFindsThePageThatHoldsTheWords();
    void lookFollowsTheTheme();
    void windowGoesWithItsParent();
};

void TestHelp::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("isoloss-test"));
    QCoreApplication::setApplicationName(QStringLiteral("isoloss-test-help"));
    QSettings().clear();
    theme::apply(*qApp, theme::light());
}

void TestHelp::everyPageHasATitleAndText()
{
    QVERIFY(helpPages().size() >= 10);
    for (const HelpPage& page : helpPages()) {
        QVERIFY2(page.markdown.startsWith(QLatin1String("# ")), qPrintable(page.topic));
        QVERIFY2(page.markdown.size() > 600, qPrintable(page.topic));
        QVERIFY(!page.title.isEmpty());
    }
}

void TestHelp::everyLinkLeadsToAPageAndAHeading()
{
    static const QRegularExpression link(QStringLiteral(R"((?<!!)\[[^\]]+\]\(([^)]+)\))"));
    HelpWindow window;
    int links = 0;
    for (const HelpPage& page : helpPages())
        for (auto it = link.globalMatch(page.markdown); it.hasNext();) {
            const QString to = it.next().captured(1);
            if (to.startsWith(QLatin1String("https://")))
                continue;
            ++links;
            const QString topic = to.section(QLatin1String(".md"), 0, 0), fragment = to.section(QLatin1Char('#'), 1);
            const auto found = std::ranges::find(helpPages(), topic, &HelpPage::topic);
            QVERIFY2(found != helpPages().end(), qPrintable(page.topic + QStringLiteral(": ") + to));
            if (fragment.isEmpty())
                continue;
            bool heading = false;
            for (const QString& line : found->markdown.split(QLatin1Char('\n')))
                heading = heading || (line.startsWith(QLatin1Char('#')) &&
                                      line.section(QLatin1Char(' '), 1).toLower().replace(QLatin1Char(' '), QLatin1Char('-')) == fragment);
            QVERIFY2(heading, qPrintable(to));
        }
    QVERIFY(links > 15);
}

void TestHelp::everyPictureIsThere()
{
    static const QRegularExpression picture(QStringLiteral(R"(!\[[^\]]+\]\(([^)]+)\))"));
    int pictures = 0;
    for (const HelpPage& page : helpPages())
        for (auto it = picture.globalMatch(page.markdown); it.hasNext(); ++pictures)
            QVERIFY(!QImage(QStringLiteral(":/help/") + it.next().captured(1)).isNull());
    QVERIFY(pictures > 0);
    HelpWindow window;
    window.resize(700, 600);
    window.show(QStringLiteral("start"));
    window.show();
    QVERIFY(window.text().document()->size().width() <= window.text().viewport()->width());
}

// The ids are read off the sources: a warning that is added must be explained.
void TestHelp::everyWarningOfTheFitIsExplained()
{
    static const QRegularExpression given(QStringLiteral(R"re((?:warn\(|warnings\.push_back\(\{)"([a-z-]+)")re"));
    const auto page = std::ranges::find(helpPages(), QStringLiteral("fits"), &HelpPage::topic);
    QStringList ids;
    for (const char* folder : {"/core/fit", "/core/plan"}) {
        const QDir dir(QStringLiteral(SOURCE_DIR) + QLatin1String(folder));
        for (const QString& name : dir.entryList({QStringLiteral("*.cpp")})) {
            QFile file(dir.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            for (auto it = given.globalMatch(QString::fromUtf8(file.readAll())); it.hasNext();) {
                QString id = it.next().captured(1);
                while (id.endsWith(QLatin1Char('-')))
                    id.chop(1);
                ids << id;
            }
        }
    }
    if (ids.isEmpty())
        QSKIP("the sources are not there");
    QVERIFY(ids.size() > 10);
    for (const QString& id : ids)
        QVERIFY2(page->markdown.contains(QStringLiteral("`%1`").arg(id)), qPrintable(id));
}

void TestHelp::lawsReadersAndSchedulesAreAllListed()
{
    const auto holds = [](const char* topic, std::string_view word) {
        const auto page = std::ranges::find(helpPages(), QString::fromLatin1(topic), &HelpPage::topic);
        return page->markdown.contains(QString::fromUtf8(word.data(), qsizetype(word.size())));
    };
    for (const law::Law& law : law::all()) {
        QVERIFY2(holds("laws", law.info.name) && holds("laws", law.info.id), law.info.id.data());
        for (const law::Param& p : law.params)
            QVERIFY2(holds("laws", p.meaning), p.meaning.data());
    }
    for (const io::Reader& reader : io::readers())
        QVERIFY2(holds("formats", reader.patterns), reader.id.data());
    for (const schedule::Schedule& s : schedule::all())
        QVERIFY2(holds("schedules", s.name), s.id.data());
}

void TestHelp::pagesKeepNoMarkupOnScreen()
{
    HelpWindow window;
    for (const HelpPage& page : helpPages()) {
        window.show(page.topic);
        const QString text = window.text().toPlainText();
        for (const char* markup : {"**", "](", "|--", "<i>", "<sub>", "</", "\\", "@readers@"})
            QVERIFY2(!text.contains(QLatin1String(markup)), qPrintable(page.topic + QLatin1Char(' ') + QLatin1String(markup)));
    }
}

void TestHelp::topicIsOpenedOnceAndLinksAreFollowed()
{
    HelpWindow* window = HelpWindow::open(nullptr, QStringLiteral("keyboard"));
    QVERIFY(window->isVisible() && !window->isModal());
    QVERIFY(window->text().toPlainText().contains(QLatin1String("Ctrl+Shift+Z")));
    QCOMPARE(HelpWindow::open(nullptr, QStringLiteral("fits#warnings")), window);
    QTest::qWait(1);
    const auto top = [&] { return window->text().cursorForPosition({40, 20}).block().text(); };
    QCOMPARE(top(), QStringLiteral("Warnings"));
    for (const int width : {1100, 640, 900}) {
        window->resize(width, 500);
        QTest::qWait(1);
        QCOMPARE(top(), QStringLiteral("Warnings"));
    }
    auto* contents = window->findChild<QListWidget*>(QStringLiteral("helpContents"));
    QCOMPARE(contents->currentItem()->data(Qt::UserRole).toString(), QStringLiteral("fits"));
    emit window->text().anchorClicked(QUrl(QStringLiteral("laws.md")));
    QCOMPARE(window->topic(), QStringLiteral("laws"));
    QTest::mouseClick(contents->viewport(), Qt::LeftButton, {}, contents->visualItemRect(contents->item(1)).center());
    QCOMPARE(window->topic(), contents->item(1)->data(Qt::UserRole).toString());
    HelpWindow::open(nullptr, QStringLiteral("no such topic"));
    QVERIFY2(window->text().toPlainText().startsWith(QLatin1String("Start")), qPrintable(window->text().toPlainText().left(80)));
    window->close();
    delete window;
}

void TestHelp::backAndForwardKeepTheirPlace()
{
    HelpWindow window;
    window.resize(800, 300);
    window.show(QStringLiteral("start"));
    window.show();
    auto* back = window.findChild<QToolButton*>(QStringLiteral("helpBack"));
    auto* forward = window.findChild<QToolButton*>(QStringLiteral("helpForward"));
    QVERIFY(!back->isEnabled() && !forward->isEnabled());
    QTest::qWait(1);
    window.text().verticalScrollBar()->setValue(120);
    window.show(QStringLiteral("runs"));
    QCOMPARE(window.text().verticalScrollBar()->value(), 0);
    QTest::mouseClick(back, Qt::LeftButton);
    QCOMPARE(window.topic(), QStringLiteral("start"));
    QCOMPARE(window.text().verticalScrollBar()->value(), 120);
    QVERIFY(forward->isEnabled());
    QTest::mouseClick(forward, Qt::LeftButton);
    QCOMPARE(window.topic(), QStringLiteral("runs"));
    QTest::mouseClick(back, Qt::LeftButton);
    window.show(QStringLiteral("fits"));        // another way: what was ahead is gone
    QVERIFY(!forward->isEnabled());
}

void TestHelp::searchFindsThePageThatHoldsTheWords()
{
    HelpWindow window;
    window.show(QStringLiteral("start"));
    window.show();
    auto* field = window.findChild<QLineEdit*>(QStringLiteral("helpSearch"));
    auto* contents = window.findChild<QListWidget*>(QStringLiteral("helpContents"));
    QTest::keyClicks(field, QStringLiteral("COLLINEAR"));
    QTRY_COMPARE(window.topic(), QStringLiteral("fits"));
    QVERIFY(window.text().extraSelections().size() >= 1);
    QVERIFY(contents->item(0)->isHidden());
    QTest::keyClick(field, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(field, QStringLiteral("no such words"));
    QTRY_VERIFY(contents->item(3)->isHidden());
    QCOMPARE(window.topic(), QStringLiteral("fits"));
    field->clear();
    QTRY_VERIFY(!contents->item(0)->isHidden());
    QVERIFY(window.text().extraSelections().isEmpty());
}

void TestHelp::lookFollowsTheTheme()
{
    HelpWindow window;
    window.show(QStringLiteral("start"));
    window.show();
    const auto linkColor = [&] {
        for (QTextBlock b = window.text().document()->begin(); b.isValid(); b = b.next())
            for (auto it = b.begin(); !it.atEnd(); ++it)
                if (it.fragment().charFormat().isAnchor())
                    return it.fragment().charFormat().foreground().color();
        return QColor();
    };
    QCOMPARE(linkColor(), theme::light().accent);
    theme::apply(*qApp, theme::dark());
    QTRY_COMPARE(linkColor(), theme::dark().accent);
    theme::apply(*qApp, theme::light());
    QTRY_COMPARE(linkColor(), theme::light().accent);
}

void TestHelp::windowGoesWithItsParent()
{
    auto parent = std::make_unique<QWidget>();
    const QPointer<HelpWindow> window = HelpWindow::open(parent.get(), QStringLiteral("start"));
    QVERIFY(window && !window->testAttribute(Qt::WA_QuitOnClose));
    parent.reset();
    QTRY_VERIFY(!window);
}

QTEST_MAIN(TestHelp)
#include "tst_help.moc"
