// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/host/plugins.h"

#include "plugins/host/wholelibrary.h"

#include <QCoreApplication>
#include <QDir>
#include <QJsonArray>
#include <QJsonObject>
#include <QLibrary>
#include <QPluginLoader>
#include <QStandardPaths>

#include <algorithm>

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Plugins", text);
}

// What a file says of itself, without running any of it.
Plugin described(const QString& file)
{
    Plugin out{.file = file};
    if (out.why = cutOff(file); !out.why.isEmpty())
        return out;
    const QJsonObject all = QPluginLoader(file).metaData();
    const QString made = all[QLatin1String("IID")].toString();
    const QJsonObject own = all[QLatin1String("MetaData")].toObject();
    out.id = own[QLatin1String("id")].toString();
    out.name = own[QLatin1String("name")].toString();
    out.version = own[QLatin1String("version")].toString();
    for (const QJsonValue& one : own[QLatin1String("needs")].toArray())
        out.needs << one.toString();
    const QString ours = QString::fromLatin1(runnerInterface);
    if (all.isEmpty())
        out.why = tr("It says nothing of itself that can be read, so it is no plugin of this program; remove it from the folder.");
    else if (made.section(QLatin1Char('/'), 0, 0) != ours.section(QLatin1Char('/'), 0, 0))
        out.why = tr("It is a plugin of another program (%1); remove it from the folder.").arg(made);
    else if (const QString said = own[QLatin1String("interface")].toString(); made != ours || said != ours)
        out.why = tr("It was made for %1 and this program has %2; install the plugin that came with this version.").arg(made != ours ? made : said, ours);
    else if (out.id.isEmpty() || out.name.isEmpty())
        out.why = tr("It does not say what it is called (id, name); install it again.");
    for (const QString& program : out.needs)
        if (out.why.isEmpty() && findProgram(program).isEmpty())
            out.why = tr("It needs the program %1, which is neither beside Isoloss nor on the PATH; install or build it.").arg(program);
    return out;
}

void load(Plugin& plugin)
{
    QPluginLoader loader(plugin.file);
    // All symbols now: one that is missing is an error here, and the end of the program when it is called.
    loader.setLoadHints(QLibrary::ResolveAllSymbolsHint);
    QObject* made = loader.instance();
    plugin.runner = qobject_cast<Runner*>(made);
    if (!made)
        plugin.why = tr("It cannot be loaded: %1").arg(loader.errorString());
    else if (!plugin.runner)
        plugin.why = tr("It holds nothing that runs sweeps; install the plugin that came with this version.");
}

}

QString findProgram(const QString& name)
{
    const QString beside = QStandardPaths::findExecutable(name, {QCoreApplication::applicationDirPath()});
    return beside.isEmpty() ? QStandardPaths::findExecutable(name) : beside;
}

QStringList pluginFolders()
{
    const QString programs = QCoreApplication::applicationDirPath();
    QStringList out = qEnvironmentVariable("ISOLOSS_PLUGIN_PATH").split(QDir::listSeparator(), Qt::SkipEmptyParts);
    out << programs + QStringLiteral("/plugins") << programs + QStringLiteral("/../lib/isoloss/plugins");
    out << QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/isoloss/plugins");
    return out;
}

std::vector<Plugin> loadPlugins(const QStringList& folders)
{
    std::vector<Plugin> out;
    QStringList seen;
    for (const QString& folder : folders)
        for (const QFileInfo& info : QDir(folder).entryInfoList(QDir::Files, QDir::Name)) {
            const QString file = info.canonicalFilePath();
            if (!QLibrary::isLibrary(file) || seen.contains(file))
                continue;
            seen << file;
            Plugin plugin = described(file);
            const auto other = std::ranges::find_if(out, [&](const Plugin& p) { return p.runner && p.id == plugin.id; });
            if (plugin.why.isEmpty() && other != out.end())
                plugin.why = tr("Another plugin called %1 is loaded from %2.").arg(plugin.id, QFileInfo(other->file).path());
            if (plugin.why.isEmpty())
                load(plugin);
            out.push_back(std::move(plugin));
        }
    return out;
}
