// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/law/annealingfunctional.h"
#include "core/law/annealingmomentum.h"
#include "core/law/annealingmomentumn.h"
#include "core/law/annealingmultipower.h"
#include "core/law/chinchilla.h"
#include "core/law/losstoscore.h"
#include "core/law/powerlaw.h"

#include "core/error.h"
#include "core/text.h"

namespace law {

std::span<const Law> all()
{
    static constexpr std::array laws{
        make<PowerLaw>(),
        make<Chinchilla>(),
        make<AnnealingMomentum>(),
        make<AnnealingMomentumN>(),
        make<AnnealingMultipower>(),
        make<AnnealingFunctional>(),
        make<LossToScore>(),
    };
    return laws;
}

const Law* find(std::string_view id)
{
    const auto it = std::ranges::find(all(), id, [](const Law& law) { return law.info.id; });
    return it == all().end() ? nullptr : &*it;
}

const Law& get(std::string_view id)
{
    if (const Law* law = find(id))
        return *law;
    std::vector<std::string> ids;
    for (const Law& law : all())
        ids.emplace_back(law.info.id);
    throw UsageError("There is no law '" + std::string(id) + "'" + text::didYouMean(id, ids)
                     + "; 'isoloss-cli laws' lists them.");
}

std::string_view name(Family family)
{
    constexpr std::array<std::string_view, 6> names{"scaling", "annealing", "data", "growth", "downstream", "custom"};
    return names[std::size_t(family)];
}

int Law::index(std::string_view param) const
{
    for (std::size_t i = 0; i < params.size(); ++i)
        if (params[i].id == param)
            return int(i);
    return -1;
}

}
