#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep through a real Slurm of one machine: installed on an overlay inside namespaces of its own, so that nothing
# stays behind. Needs root, unshare, the packages slurm-wlm and munge from the distribution, and a built program.
# ctest runs it only where ISOLOSS_TEST_SLURM is set. Usage: tests/proxy/slurm/run.sh [BUILD]
set -eu
cd "$(dirname "$0")/../../.."
build=$(realpath "${1:-build/release}")

if [ "${INSIDE:-}" != 1 ]; then
    work=$(mktemp -d "${SLURM_TEST_TMP:-${TMPDIR:-/tmp}}/slurm.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    INSIDE=1 WORK=$work unshare --mount --pid --fork --kill-child "$0" "$build"
    exit
fi

# Upper layers of an overlay must lie on a file system that may hold them: memory always may.
mount -t tmpfs none "$WORK"
mkdir "$WORK/up" "$WORK/work" "$WORK/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$WORK/up,workdir=$WORK/work" "$WORK/root"
mount -t proc proc "$WORK/root/proc"
mount --rbind /dev "$WORK/root/dev"
mount --rbind /sys "$WORK/root/sys"
# What is not on the root file system is not seen through the overlay.
mkdir -p "$WORK/root$build"
mount --bind "$build" "$WORK/root$build"
cat > "$WORK/root/inside.sh" <<'INSIDE'
set -eu
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
if ! command -v slurmctld > /dev/null; then
    apt-get install -y --no-install-recommends slurm-wlm munge > /install.log 2>&1 || { tail -5 /install.log >&2; exit 77; }
fi
host=$(hostname -s)
mkdir -p /run/munge /var/spool/slurmctld /var/spool/slurmd /etc/slurm
chown munge: /run/munge
runuser -u munge -- munged
cat > /etc/slurm/slurm.conf <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=/var/spool/slurmd
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile=/var/log/slurmctld.log
SlurmdLogFile=/var/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
ReturnToService=2
MaxArraySize=1001
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld
slurmd -N "$host"
i=0
until [ "$(sinfo -h -o %T)" = idle ]; do
    i=$((i + 1))
    [ $i -lt 60 ] || { sinfo; tail -5 /var/log/slurmctld.log /var/log/slurmd.log; exit 1; }
    sleep 0.5
done
cat > /sweep.json <<SPEC
{"proxy_spec": 1, "name": "queued",
 "data": {"train": {"gen": "markov", "order": 2, "vocab": 16, "temp": 1.5, "seed": 11, "tokens": 100000}, "val": {"gen": "same", "seed": 2, "tokens": 5000}},
 "defaults": {"T": 32, "B": 16, "steps": $STEPS}, "grid": {"lr": [0.001, 0.01, 0.1], "seed": [1, 2]}, "sizes": [{"L": 1, "d": 16, "heads": 1}]}
SPEC
cli=$BUILD/bin/isoloss-cli
state() { "$cli" proxy status "$1" --json | sed -n 's/^ "state": "\(.*\)",*$/\1/p'; }
until_is() {
    i=0
    until [ "$(state "$1")" = "$2" ]; do
        i=$((i + 1))
        [ $i -lt 240 ] || { "$cli" proxy status "$1"; squeue; cat "$1"/.launch/part-*; exit 1; }
        sleep 0.5
    done
}
"$cli" proxy run /sweep.json --out /out --launcher slurm --parts 3
until_is /out finished
"$cli" proxy status /out
[ "$(cat /out/members/*.jsonl | grep -c '"t":"end"')" = 6 ]
[ "$(ls /out/.launch/part-*.out | wc -l)" = 3 ]
echo "ok: 6 members in 3 jobs"

# Stopped in the middle, then gone on with.
sed -i 's/"steps": [0-9]*/"steps": 200000/' /sweep.json
"$cli" proxy run /sweep.json --out /long --launcher slurm --parts 2
until_is /long running
sleep 3
"$cli" proxy stop /long
i=0
until [ -z "$(squeue -h)" ]; do
    i=$((i + 1))
    [ $i -lt 120 ] || { squeue; exit 1; }
    sleep 0.5
done
"$cli" proxy status /long | head -2
"$cli" proxy status /long | grep -q stopped
echo "ok: stopped by scancel after saving"
INSIDE
BUILD=$build STEPS=300 chroot "$WORK/root" /usr/bin/env BUILD="$build" STEPS=300 sh /inside.sh
