// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"
#include "core/law/quantity.h"

#include <QString>

#include <memory>

// What the list says of a run, worked out once: runs never change.
struct RunFacts {
    struct Cell {
        QString text;               // as shown
        double number = 0;          // NaN where it is no number
        bool isNumber = false;
    };
    Cell last, least, steps;        // of the loss a run is judged by
    QString status;                 // a word or two where there is something to say
    bool diverged = false;
    data::Config config;
    std::map<std::string, Cell, std::less<>> cells;     // the configuration as shown
};
std::shared_ptr<const RunFacts> factsOf(const data::Run&);

// The series a quantity is logged as, by the names the catalogue knows it by, best first; null where there is none.
const data::Series* seriesOf(const data::Run&, const law::Quantity&);
