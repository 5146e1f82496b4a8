// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include "core/fit/json.h"
#include "core/fit/solve.h"

#include <algorithm>

// Fits of the open project, one after the other, and the quick ones while a slider moves.

const fit::Fit* Session::result(const std::string& id) const
{
    const auto it = m_fits.find(id);
    return it == m_fits.end() || !it->second.fit ? nullptr : &*it->second.fit;
}

const fit::Problem* Session::problem(const std::string& id) const
{
    const auto it = m_fits.find(id);
    return it == m_fits.end() || !it->second.problem ? nullptr : &*it->second.problem;
}

QString Session::failure(const std::string& id) const
{
    const auto it = m_fits.find(id);
    return it == m_fits.end() ? QString() : it->second.failure;
}

void Session::fit(const std::string& id)
{
    const auto& fits = workspace().fits;
    if (std::ranges::find(fits, id, &FitEntry::id) == fits.end())
        return;
    if (m_fitting == id) {
        m_prepare.cancel();
        m_solve.cancel();
        m_fitting.clear();
    }
    m_fits.erase(id);
    if (std::ranges::find(m_queue, id) == m_queue.end())
        m_queue.push_back(id);
    nextFit();
}

void Session::nextFit()
{
    if (!m_fitting.empty() || m_queue.empty() || isLoading() || m_tabulate.isRunning())
        return;     // tabulate() and finish() come back here
    m_fitting = m_queue.front();
    m_queue.pop_front();
    const std::string id = m_fitting;
    const auto entry = std::ranges::find(workspace().fits, id, &FitEntry::id);
    if (entry == workspace().fits.end()) {
        m_fitting.clear();
        nextFit();
        return;
    }
    emit progress(tr("Fitting %1").arg(QString::fromStdString(entry->title)), 0);
    std::vector<fit::Source> sources;
    for (const RunEntry& run : workspace().runs)
        if (const data::Run* loaded = m_shown.contains(run.hash) ? this->run(run.hash) : nullptr)
            sources.push_back({run.name, {}, loaded->source});
    if (sources.empty()) {
        finish(id, {.fit = {}, .problem = {}, .failure = tr("No run is shown, so there is nothing to fit; check a run in the list.")});
        return;
    }
    m_prepare.start(
        [table = m_table, spec = entry->spec, sources](const Tick&) { return fit::makeProblem(spec, *table, sources); },
        {.done = [this, id](fit::Problem problem) { solve(id, std::move(problem)); },
         .failed = [this, id](QString why) { finish(id, {.fit = {}, .problem = {}, .failure = why}); },
         .progress = {}});
}

void Session::solve(const std::string& id, fit::Problem problem)
{
    const std::string key = fit::key(problem);
    std::optional<std::string> cached;
    guarded([&] { cached = m_project->result(key); });
    if (cached) {
        // A result that does not read back is made again: the cache is no one's only copy.
        try {
            auto known = fit::fromJson(nlohmann::ordered_json::parse(*cached));
            if (auto* one = std::get_if<fit::Fit>(&known)) {
                finish(id, {.fit = std::move(*one), .problem = std::move(problem), .failure = {}});
                return;
            }
        } catch (const std::exception&) {
        }
    }
    const auto entry = std::ranges::find(workspace().fits, id, &FitEntry::id);
    const QString what = tr("Fitting %1").arg(entry == workspace().fits.end() ? QString::fromStdString(id)
                                                                             : QString::fromStdString(entry->title));
    m_solve.start([problem](const Tick& tick) { return fit::solve(problem, 0, tick); },
                  {.done =
                       [this, id, key, problem](fit::Fit done) {
                           guarded([&] { m_project->keepResult(key, fit::toJson(done).dump()); });
                           finish(id, {.fit = std::move(done), .problem = problem, .failure = {}});
                       },
                   .failed =
                       [this, id, problem](QString why) { finish(id, {.fit = {}, .problem = problem, .failure = why}); },
                   .progress = [this, what](double at) { emit progress(what, at); }});
}

void Session::finish(const std::string& id, Fitted outcome)
{
    m_fits.insert_or_assign(id, std::move(outcome));
    m_fitting.clear();
    if (m_preview && m_preview->first == id)
        endPreview();
    emit progress({}, -1);
    emit fitted(id);
    nextFit();
}

void Session::preview(const std::string& id, const std::map<std::string, double>& held)
{
    m_wanted = Preview{id, held};
    if (!m_refine.isRunning())
        nextPreview();
}

void Session::nextPreview()
{
    if (!m_wanted)
        return;
    const Preview wanted = *std::exchange(m_wanted, {});
    const auto it = m_fits.find(wanted.id);
    if (it == m_fits.end() || !it->second.problem || !it->second.fit)
        return;
    // From the last preview, so that a drag follows one valley instead of jumping between them.
    const fit::Fit near = m_preview && m_preview->first == wanted.id ? m_preview->second : *it->second.fit;
    m_refine.start([problem = *it->second.problem, near, held = wanted.held](const Tick&) { return fit::refine(problem, near, held); },
                   {.done =
                        [this, id = wanted.id](fit::Fit quick) {
                            m_preview = {id, std::move(quick)};
                            emit previewReady(id);
                            nextPreview();
                        },
                    .failed = [this](QString) { nextPreview(); },    // no finite prediction there: the last one stays
                    .progress = {}});
}

void Session::endPreview()
{
    m_wanted.reset();
    m_refine.cancel();
    if (m_preview)
        emit previewReady(std::exchange(m_preview, {})->first);
}

const fit::Fit* Session::previewed(const std::string& id) const
{
    return m_preview && m_preview->first == id ? &m_preview->second : nullptr;
}
