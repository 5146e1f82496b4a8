// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/interface/runner.h"

#include <QObject>

// Sweeps of small transformers by isoloss-proxy and, where it was built, isoloss-proxy-cuda: programs beside this one or
// on the PATH.
class ProxyRunner : public QObject, public Runner
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID "isoloss.Runner/2" FILE "proxy.json")
    Q_INTERFACES(Runner)

public:
    QString unavailable() const override;
    QList<Preset> presets() const override;
    QList<Factor> factors() const override;
    Command plan(const QString& spec, const QString& device) const override;
    QList<Command> probes() const override;
    QList<Place> devices(const QList<Ran>& probed) const override;
    Command run(const Task&) const override;
    QByteArray order(Order, const QStringList& members) const override;
    QString meaning(int code) const override;
    QList<Place> queues() const override;
    QString submit(const QString& queue, const Task&, int parts) const override;
    Queued queued(const QString& folder) const override;
    QString cancel(const QString& folder) const override;
};
