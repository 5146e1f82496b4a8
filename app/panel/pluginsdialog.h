// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/host/plugins.h"

#include <QDialog>

// The plugins that were found, what each is, and why one is not loaded.
class PluginsDialog : public QDialog {
    Q_OBJECT
public:
    PluginsDialog(const std::vector<Plugin>&, QWidget* parent);
};
