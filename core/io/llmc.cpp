// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/formats.h"
#include "core/io/linepattern.h"

namespace io {

namespace {

// main.log and the table that train_gpt2 prints. A validation loss is printed before the line of the next step, so
// it is at the last step seen.
const TextFormat& format() {
    static const TextFormat llmc {
        .id = "llmc",
        .records = {"s:{step} tel:{tel}", "s:{step} trl:{trl}[ lr:{lr}][ norm:{norm}]", "s:{step} eval:{eval}",
                    "step {step}/{} | loss {loss}{}| norm {norm}{}| lr {lr} | {ms} ms",
                    "step {step}/{} | train loss {loss} | norm {norm} | lr {lr} | ({ms} ms",
                    "val loss {val_loss}", "HellaSwag: {}/{} = {hellaswag}"},
        .facts = {},
        .parameterTable = true,
    };
    return llmc;
}

int sniff(const Input& head) { return looksLike(format(), head.bytes, head.path.filename() == "main.log" ? 90 : 70); }
Import read(const Input& input, const Tick& tick) { return readLines(format(), input, tick); }

}

extern const Reader llmcReader {.id = "llmc", .name = "llm.c logs", .patterns = "main.log *.log", .sniff = sniff, .read = read};

}
