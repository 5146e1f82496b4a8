// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/panel/sweepmembers.h"
#include "app/session/session.h"
#include "app/session/sweepwatch.h"
#include "plugins/host/plugins.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTabBar;
class QTableView;
class QToolButton;
QT_END_NAMESPACE

class SweepCost;
class SweepForm;
class SweepText;

// Sweeps of small models: what to run, what it would cost, and how it goes. The specification and the folder are the
// workspace's; everything else is read from the folder.
class SweepPanel : public QWidget {
    Q_OBJECT
public:
    explicit SweepPanel(Session&, QWidget* parent = nullptr);
    ~SweepPanel() override;

    void setTheme(const theme::Theme&);
    const std::vector<Plugin>& plugins() const { return m_plugins; }
    Runner* runner() const { return m_runner; }
    SweepWatch& watch() { return m_watch; }
    // A folder with a manifest, begun here or elsewhere.
    void openSweep(const QString& folder);
    void usePreset(const QString& id);
    void openSpec(const QString& file);
    void start();
    void pause(bool);
    void stop();
    void dropSelected();
    void showMembers(bool);
    bool isBusy() const;
    QByteArray spec() const;
    QString sentence() const;           // how the sweep goes or went

protected:
    void showEvent(QShowEvent*) override;

signals:
    void said(const QString& sentence);

private:
    QWidget* makeDesign();
    QWidget* makeMembers();
    void makePresets();
    void refresh();
    void edit(const QString& label, const QByteArray& spec);
    void planAgain();
    void askDevices();
    void showDevices();
    void showCost();
    void showLook();
    void sweepEnded();
    QString proposedFolder() const;

    Session& m_session;
    theme::Theme m_theme = theme::light();
    std::vector<Plugin> m_plugins;
    Runner* m_runner = nullptr;
    SweepWatch m_watch;
    QByteArray m_draft;                 // the specification, where no project is open
    QList<Runner::Ran> m_probed;
    int m_probing = 0;
    Job<QString> m_submit;
    QTabBar* m_tabs;
    QStackedWidget* m_pages;
    SweepForm* m_form = nullptr;
    SweepText* m_text = nullptr;
    SweepCost* m_cost = nullptr;
    QToolButton *m_presets = nullptr, *m_asText = nullptr;
    QComboBox *m_device = nullptr, *m_place = nullptr;
    QLineEdit* m_folder = nullptr;
    QPushButton* m_start = nullptr;
    QLabel* m_why = nullptr;
    MemberModel m_members;
    MemberOrder* m_order = nullptr;
    ProgressDelegate* m_bars = nullptr;
    QTableView* m_table = nullptr;
    QLabel *m_head = nullptr, *m_state = nullptr;
    QPushButton *m_pause = nullptr, *m_stop = nullptr, *m_drop = nullptr, *m_again = nullptr;
    QLabel* m_none = nullptr;
    bool m_paused = false;
    QElapsedTimer m_stopped;            // since it was asked to
};
