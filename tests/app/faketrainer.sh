#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A trainer that misbehaves as FAKE says; a plan and a probe it always gives.
case "$1" in
--probe) echo '{"devices":[{"kind":"cpu","name":"fake","cores":1}]}'; exit 0;;
--plan)
    case "$FAKE" in
    planhangs) exec sleep 1000;;
    plangarbage) head -c 100000 /dev/urandom; exit 0;;
    planaborts) kill -ABRT $$;;
    esac
    echo '{"members":[{"id":"a","name":"a","bytes":1000,"config":{}}],"classes":1,"totals":{"members":1,"tokens":10,"flop":10,"seconds":1,"threads":1}}'
    exit 0;;
esac
while [ $# -gt 0 ]; do [ "$1" = --out ] && out=$2; shift; done
mkdir -p "$out/members"
echo '{"name":"fake","status":"running","members":[{"id":"a","name":"a","N":10,"config":{"lr":0.1,"steps":100}},{"id":"b","name":"b","N":10,"config":{"lr":0.2,"steps":100}}]}' > "$out/manifest.json"
echo '{"t":"cfg","id":"a","name":"a","N":10,"steps":100,"lr":0.1}' > "$out/members/a.jsonl"
echo '{"t":"s","step":0,"loss":2.5,"lr":0.1,"mal":3}' >> "$out/members/a.jsonl"
case "$FAKE" in
aborts) kill -ABRT $$;;
hangs) trap '' TERM INT; while :; do sleep 0.1; done;;
floods) yes '{"ev":"noise"}';;
garbage) head -c 300000 /dev/urandom; head -c 3000 /dev/urandom > "$out/members/b.jsonl"; head -c 3000 /dev/urandom >> "$out/members/a.jsonl"; exit 70;;
diskfull) echo '{"ev":"exit","code":7,"msg":"Cannot write members/a.jsonl: no space left on device; free some and go on."}'; exit 7;;
gpulost) echo '{"ev":"exit","code":6,"msg":"The GPU fell off the bus at step 3."}'; exit 6;;
esac
