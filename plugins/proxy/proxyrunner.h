// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/interface/runner.h"

#include <QObject>

// Sweeps of small transformers by isoloss-proxy, which stands beside the program or on the PATH.
class ProxyRunner : public QObject, public Runner
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID "isoloss.Runner/1" FILE "proxy.json")
    Q_INTERFACES(Runner)

public:
    QString unavailable() const override;
    QJsonObject defaults() const override;
    Command command(const QString& spec, const QString& folder) const override;
};
