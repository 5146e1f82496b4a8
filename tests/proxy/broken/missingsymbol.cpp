// SPDX-License-Identifier: GPL-3.0-or-later
#include <QObject>
#include <QtPlugin>

// A plugin that was built against something this program does not have.
void notThere();

class MissingSymbol : public QObject
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID "isoloss.Runner/2" FILE "missingsymbol.json")

public:
    MissingSymbol() { notThere(); }
};

#include "missingsymbol.moc"
