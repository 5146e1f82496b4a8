// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/lossunit.h"

#include <QTest>

using data::LossUnit;

class TestLossUnit : public QObject {
    Q_OBJECT

private slots:
    void seriesHaveUnits_data()
    {
        QTest::addColumn<QString>("series");
        QTest::addColumn<QString>("unit");
        for (const char* loss : {"loss", "train_loss", "val/loss", "lm loss", "eval_g0_loss", "smooth loss", "reduced_train_loss",
                                 "train/CrossEntropyLoss", "eval/c4_en-validation/CrossEntropyLoss", "train/CE loss", "tel",
                                 "loss/train/total", "nll", "cross_entropy"})
            QTest::newRow(loss) << loss << "nats/token";
        for (const char* bits : {"bpb", "val_bpb", "eval/downstream_bpb/mmlu_val_rc_5shot_bpb", "bits_per_byte", "bits per byte"})
            QTest::newRow(bits) << bits << "bits/byte";
        for (const char* ppl : {"ppl", "lm loss PPL", "train/Perplexity", "eval_perplexity", "eval/ppl/c4"})
            QTest::newRow(ppl) << ppl << "perplexity";
        for (const char* other : {"accuracy", "lr", "loss scale", "loss_scale", "z_loss", "aux_loss", "load_balancing_loss",
                                  "grad_norm", "tokens", "glossary", ""})
            QTest::newRow(other) << other << "";
    }
    void seriesHaveUnits()
    {
        QFETCH(QString, series);
        QFETCH(QString, unit);
        const auto found = data::lossUnitOf({}, series.toStdString());
        QCOMPARE(found ? QString::fromUtf8(data::name(*found).data()) : QString(), unit);
    }

    void configurationSaysTheUnit()
    {
        data::Run run;
        run.config["loss_unit"] = std::string("bits/byte");
        QVERIFY(data::lossUnitOf(run, "loss") == LossUnit::BitsPerByte);
        QVERIFY(data::lossUnitOf(run, "perplexity") == LossUnit::Perplexity);
        QVERIFY(!data::lossUnitOf(run, "accuracy"));
        run.config["loss_unit"] = std::string("pixels");
        QVERIFY(!data::lossUnitOf(run, "loss"));
    }

    void unitsHaveNames()
    {
        for (const auto unit : {LossUnit::NatsPerToken, LossUnit::BitsPerByte, LossUnit::Perplexity})
            QVERIFY(data::lossUnit(data::name(unit)) == unit);
        QVERIFY(!data::lossUnit("parsecs"));
    }

    void bytesPerTokenIsFound_data()
    {
        QTest::addColumn<QString>("key");
        for (const char* key : {"bytes_per_token", "avg_bytes_per_token", "data.bytes_per_token", "tokenizer/bytes_per_token",
                                "Bytes per token", "avg-bytes-per-token"})
            QTest::newRow(key) << key;
    }
    void bytesPerTokenIsFound()
    {
        QFETCH(QString, key);
        data::Run run;
        QCOMPARE(data::bytesPerToken(run), 0.);
        run.config[key.toStdString()] = 4.25;
        QCOMPARE(data::bytesPerToken(run), 4.25);
        run.config[key.toStdString()] = -1.;
        QCOMPARE(data::bytesPerToken(run), 0.);
    }

    void tokenizerIsFound_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("tokenizer");
        QTest::newRow("name") << "tokenizer" << "gpt2" << "gpt2";
        QTest::newRow("nested") << "model.tokenizer_name" << "llama" << "llama";
        QTest::newRow("hub") << "tokenizer_name_or_path" << "EleutherAI/gpt-neox-20b" << "gpt-neox-20b";
        QTest::newRow("file") << "vocab_file" << "/a/b/gpt2-vocab.json" << "gpt2-vocab.json";
        QTest::newRow("file that is called so everywhere") << "tokenizer_path" << "/a/b/tokenizer.model" << "b/tokenizer.model";
        QTest::newRow("type") << "tokenizer_type" << "GPT2BPETokenizer" << "GPT2BPETokenizer";
        QTest::newRow("none") << "tokenizer" << "None" << "";
        QTest::newRow("other key") << "make_vocab_size_divisible_by" << "128" << "";
    }
    void tokenizerIsFound()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        data::Run run;
        run.config[key.toStdString()] = value.toStdString();
        QTEST(QString::fromStdString(data::tokenizer(run)), "tokenizer");
    }

    void vocabularyStandsForTheTokenizer()
    {
        data::Run run;
        run.config["vocab_size"] = 50257.;
        QCOMPARE(data::tokenizer(run), std::string("vocabulary of 50257"));
        run.config["vocab_size"] = 100000.;
        QCOMPARE(data::tokenizer(run), std::string("vocabulary of 100000"));
        run.config["tokenizer"] = std::string("bytes");
        QCOMPARE(data::tokenizer(run), std::string("bytes"));
        QCOMPARE(data::bytesPerToken(run), 1.);
    }

    // 2 bytes a token and a loss of ln 4 nats a token: 2 bits a token, so 1 bit a byte; perplexity 4.
    void conversionsAreThoseOfTheDefinition()
    {
        const double nats = std::log(4.);
        QCOMPARE(data::convertLoss(nats, LossUnit::NatsPerToken, LossUnit::BitsPerByte, 2), 1.);
        QCOMPARE(data::convertLoss(nats, LossUnit::NatsPerToken, LossUnit::Perplexity, 0), 4.);
        QCOMPARE(data::convertLoss(4, LossUnit::Perplexity, LossUnit::BitsPerByte, 2), 1.);
        const LossUnit all[] = {LossUnit::NatsPerToken, LossUnit::BitsPerByte, LossUnit::Perplexity};
        for (const auto from : all)
            for (const auto to : all)
                QVERIFY(std::abs(data::convertLoss(data::convertLoss(1.5, from, to, 3.7), to, from, 3.7) - 1.5) < 1e-14);
        QVERIFY(std::isnan(data::convertLoss(1, LossUnit::NatsPerToken, LossUnit::BitsPerByte, 0)));
        QVERIFY(std::isnan(data::convertLoss(1, LossUnit::BitsPerByte, LossUnit::Perplexity, -1)));
        QVERIFY(std::isnan(data::convertLoss(std::nan(""), LossUnit::NatsPerToken, LossUnit::Perplexity, 4)));
    }
};

QTEST_GUILESS_MAIN(TestLossUnit)
#include "tst_lossunit.moc"
